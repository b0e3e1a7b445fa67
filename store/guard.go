package store

import "gorm.io/gorm"

// guard writes the rows of a model that a decision rests on, beside locking them. A lock is known to one server only: a cluster
// compares what two nodes have written (Galera calls it certification), never what they have read. Two that must not decide
// without each other therefore write one row; the later of them is rolled back, and decides again.
//
// These write so:
//
//   - who opens a period: the people it takes, so that two periods over the same days cannot both take one of them; and what they have
//     in a closed period over these days, against its being finalised until the last moment
//   - who publishes a period: each evaluation, after the publication itself, so that whoever finalises one either is seen or sees it
//   - who finalises an evaluation: its answers, so that none is changed beside the result; and the evaluation itself, as taking
//     back does
//   - who asks for a talk about a result, and who answers: the evaluation, so that no answer goes to a wish after which there is another
//   - who gives a person an account, a code or a role, and who takes a role: the person, as his leaving does; in the chat himself too, so that
//     two administrators cannot take each other's role
//   - who takes the role over the city, lets one who holds it leave, or makes a Kepala Daerah: all who administer the city, so that one stays
//   - who moves or merges a unit: the first unit of all, so that two never make a circle together; and the units that take something new,
//     a person, a role, a period or a unit below: the unit itself, so that none comes to one that is merged at that moment
//   - who changes a person or lets him leave: the person; who lets him leave: himself too, so that no two let each other leave
//   - who names an evaluator: everybody on the way up from him, so that no two close a circle of evaluators together
//   - who changes what a person has of his own, who lets it count in an open evaluation, and who opens a period: the person
//   - who decides about single people of a period: the period, as its closing and its archiving do
//   - who gives an evaluation to another evaluator: the answers to all its indicators, as a rating does; and the new evaluator, as his leaving does
//   - who names a deputy: the evaluator and the deputy; who gives a deputy what comes to the absent evaluator: the delegation, as its end does
//   - who writes a message down for people, and who stops it: the message, so that nobody is written down behind its end
//   - who holds what is owed to somebody who cannot be reached, and who notes that he is back: the person, so that nothing stays held
//
// So nothing is added to a rating, the most frequent change there is, and no two evaluators wait for one row of their period.
func guard(rows *gorm.DB, operation string) error {
	return failed(rows.UpdateColumn("guard", gorm.Expr("guard + 1")), operation)
}
