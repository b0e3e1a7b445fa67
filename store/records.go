package store

import "time"

// Rating is one of the three values of PermenPANRB 6/2022, for an indicator as for Hasil Kerja and Perilaku Kerja.
type Rating string

// The three ratings. There is no fourth and no number behind them.
const (
	Above Rating = "above" // Di Atas Ekspektasi
	Meets Rating = "meets" // Sesuai Ekspektasi
	Below Rating = "below" // Di Bawah Ekspektasi
)

// Valid reports whether r is one of the three ratings.
func (r Rating) Valid() bool { return r == Above || r == Meets || r == Below }

// Predicate is the grade that the quadrant of the two ratings gives (PermenPANRB 6/2022).
type Predicate string

// The five predicates, best first.
const (
	VeryGood         Predicate = "very_good"         // Sangat Baik
	Good             Predicate = "good"              // Baik
	NeedsImprovement Predicate = "needs_improvement" // Butuh Perbaikan
	Poor             Predicate = "poor"              // Kurang/Misconduct
	VeryPoor         Predicate = "very_poor"         // Sangat Kurang
)

// Aspect is the part of the evaluation that an indicator belongs to.
type Aspect string

// The three aspects. Capaian feeds Hasil Kerja; sikap and perilaku feed Perilaku Kerja.
const (
	Capaian  Aspect = "capaian"  // capaian kerja, work achievement
	Sikap    Aspect = "sikap"    // attitude
	Perilaku Aspect = "perilaku" // perilaku kerja, the seven BerAKHLAK values
)

// Role is a right that is granted to a person. Evaluator and employee are not granted: they follow from the evaluations.
type Role string

// The granted roles.
const (
	Admin  Role = "admin"  // Pengelola Kinerja, of one unit and those below it, or of the city
	Leader Role = "leader" // Pimpinan, reads aggregates
	Mayor  Role = "mayor"  // Kepala Daerah, of the city and of nothing else; one person at a time
)

// Valid reports whether r is one of the granted roles.
func (r Role) Valid() bool { return r == Admin || r == Leader || r == Mayor }

// Date is a calendar day in the local zone, "2006-01-02". It has no hour and no zone, and sorts as text.
type Date string

// Unit is a Perangkat Daerah or a part of one.
type Unit struct {
	ID       int64
	Code     string // unique, from the roster
	Name     string
	ParentID *int64
	// Of a unit that was merged into another: which, and since when. It then stands below that one and takes nothing new: see unitchange.go.
	MergedInto *int64
	ClosedAt   *time.Time
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// Closed reports that the unit was merged into another one.
func (u Unit) Closed() bool { return u.ClosedAt != nil }

// Person is a civil servant on the roster.
type Person struct {
	ID           int64
	NIP          string `gorm:"column:nip"` // 18 digits, unique
	Name         string
	Position     string // jabatan
	PositionKind string // struktural, fungsional or pelaksana
	Grade        string // golongan ruang, such as III/c
	UnitID       int64
	SuperiorID   *int64 // the one who evaluates him; nil when the roster names none
	Phone        string // digits with country code, "" when unknown
	Active       bool
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// PersonRole grants a role over a unit and all below it. Unique by person, role and unit.
type PersonRole struct {
	ID        int64
	PersonID  int64
	Role      Role
	UnitID    int64 // 0 means the whole city
	CreatedAt time.Time
}

// Account binds a Telegram user to a person, one to one.
type Account struct {
	ID               int64
	PersonID         int64 // unique
	TelegramID       int64 // unique
	Language         string
	NoticeVersion    string // version of the privacy notice that was shown, "" before
	NoticeShownAt    *time.Time
	UnreachableSince *time.Time // Telegram answered 403; cleared by the person's next update
	CreatedAt        time.Time
	UpdatedAt        time.Time
}

// Invitation is a one-time code that binds an account. The code itself is never stored.
type Invitation struct {
	ID         int64
	PersonID   int64
	CodeHash   string // SHA-256 in hex, unique
	TelegramID int64  // only this Telegram user may use it; 0 for anyone who holds the code
	PrintKey   string // of the printing that it was made for: see Printing; "" for none
	ExpiresAt  time.Time
	UsedAt     *time.Time
	CreatedAt  time.Time
}

// PresentedCode says that a Telegram user has shown the code of an invitation: from then on its number is enough, so that the code
// itself stands in no button and no position.
type PresentedCode struct {
	TelegramID   int64 `gorm:"primaryKey;autoIncrement:false"`
	InvitationID int64 `gorm:"primaryKey;autoIncrement:false"`
	CreatedAt    time.Time
}

// LostPhone says that a person's account was ended because his phone is in other hands: his number vouches for nobody
// until a code has linked him again.
type LostPhone struct {
	PersonID  int64 `gorm:"primaryKey;autoIncrement:false"`
	CreatedAt time.Time
}

// LinkAttempt counts wrong codes of one Telegram user.
type LinkAttempt struct {
	TelegramID   int64 `gorm:"primaryKey;autoIncrement:false"`
	Failures     int
	BlockedUntil *time.Time
	UpdatedAt    time.Time
}

// Template is the set of indicators of a unit and of those below it that have none of their own.
type Template struct {
	ID        int64
	UnitID    int64 // unique; 0 is the default of the city
	Name      string
	CreatedAt time.Time
}

// TemplateVersion is one state of a template. It never changes once it exists; a period pins it.
type TemplateVersion struct {
	ID         int64
	TemplateID int64 // minus a PersonalVersion for the list of one person, whose Version then is the id of the unit's version it was made with
	Version    int   // from 1; unique with TemplateID
	Inherits   bool  // from then on the unit follows the one above it; its indicators are a copy, for programs that do not know this yet
	CreatedBy  int64 // person; 0 for the program and for versions before 0013
	CreatedAt  time.Time
}

// Indicator is one row to be rated. It belongs to a template version and never changes.
type Indicator struct {
	ID                int64
	TemplateVersionID int64
	Ordinal           int // from 1 over the whole version; unique with TemplateVersionID
	Aspect            Aspect
	Name              string
	Description       string // behaviours of a value, or what the indicator means
	Target            string // such as "250"; "" where none applies
	Measure           string // unit of measure, such as "pasien"
	Dimension         string // kuantitas, kualitas, waktu or biaya; "" where none applies
	// Of capaian only: the result (rencana hasil kerja) that the indicator measures, and what it is to the leader. The text of the plan is what makes
	// several indicators those of one result: they stand together, and Serves and Additional are the same for all of them.
	Plan       string
	Serves     string // the leader's planned result that it serves; "" for none
	Additional bool   // tambahan, not utama (PermenPANRB 6/2022, format A.1.2)
	// Of perilaku only: what the leader expects beyond the value's own behaviours (Ekspektasi Khusus Pimpinan, art. 10(4)).
	Expectation string
}

// longestName is how much of a result is its name where it has no other: the column takes no more.
const longestName = 120

// NameOf is what an indicator is called that has no name besides its result.
func NameOf(plan string) string {
	runes := []rune(plan)
	if len(runes) <= longestName {
		return plan
	}
	return string(runes[:longestName-1]) + "…"
}

// Itself reports that an indicator is its result and has no name besides: the result is stated in words (the qualitative approach,
// PermenPANRB 6/2022 format A.1.6), perhaps with a target.
func (i Indicator) Itself() bool { return i.Plan != "" && i.Name == NameOf(i.Plan) }

// PeriodKind is how long a period is.
type PeriodKind string

// The kinds of period.
const (
	Monthly   PeriodKind = "monthly"
	Quarterly PeriodKind = "quarterly"
	Annual    PeriodKind = "annual"
)

// Release says when employees may see their results.
type Release string

// The two ways of release.
const (
	ReleaseAtOnce    Release = "at_once"   // a short while after the evaluator finalised, so that a slip can be taken back
	ReleasePublished Release = "published" // all together, when the administrator publishes
)

// PeriodState is what is stored of where a period stands. It only moves forward; what people call its state is its Stage.
type PeriodState string

// The states of a period.
const (
	PeriodOpening PeriodState = "opening" // the job is creating its evaluations
	PeriodOpen    PeriodState = "open"
	PeriodClosed  PeriodState = "closed"
)

// Period is a span of work that is judged. Unique by kind, first day and unit.
type Period struct {
	ID            int64
	Kind          PeriodKind
	FirstDay      Date
	LastDay       Date
	UnitID        int64 // covers this unit and all below it; 0 is the whole city
	SelfReportDue time.Time
	ScoringDue    time.Time
	ObjectionDays int
	Release       Release
	State         PeriodState
	PublishedAt   *time.Time
	ClosedAt      *time.Time
	ArchivedAt    *time.Time
	CreatedBy     int64
	Templates     string // the version of each template that it is evaluated with: see pins; "" before 0014
	CreatedAt     time.Time
	UpdatedAt     time.Time
}

// EvaluationState is where one evaluation stands. Whether it was begun is told by its answers.
type EvaluationState string

// The states of an evaluation.
const (
	EvaluationOpen  EvaluationState = "open"  // being evaluated, or not yet
	EvaluationFinal EvaluationState = "final" // ditetapkan; its current result is in results
	// EvaluationExcluded is left out of the period for a reason (II.C.8): counted apart, nobody owes it, its draft is kept.
	EvaluationExcluded EvaluationState = "excluded"
)

// Evaluation is one employee in one period, with all that the period pins. Unique by period, employee and segment.
type Evaluation struct {
	ID                int64
	PeriodID          int64
	EmployeeID        int64
	Segment           int // from 1; a transfer within the period opens the next
	UnitID            int64
	EvaluatorID       *int64 // Pejabat Penilai; nil when the roster named none
	SuperiorID        *int64 // Atasan Pejabat Penilai
	TemplateVersionID int64
	State             EvaluationState
	WorkRating        Rating // chosen by the evaluator, "" before
	BehaviourRating   Rating
	WorkReason        string // why the overall rating, where no indicator of the aspect says it
	BehaviourReason   string
	Note              string // to the employee
	FollowUpKind      FollowUpKind
	FollowUpDue       Date
	FollowUpName      string // what training it is; "" where nobody said
	DelegationID      int64  // by which its evaluator acts for another one; 0 when he is the evaluator himself
	// ActingUntil is when the right of a deputy ends: from then on he has none, even before it has fallen back. nil for no deputy.
	ActingUntil *time.Time
	ReopenedAt  *time.Time // its result was opened again: it may be changed although the period is closed, until it is set anew
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// FollowUpKind is what is done so that the work gets better (tindak lanjut).
type FollowUpKind string

// The kinds of follow-up.
const (
	Training    FollowUpKind = "training"    // pelatihan
	Coaching    FollowUpKind = "coaching"    // coaching
	Mentoring   FollowUpKind = "mentoring"   // mentoring
	SpecialTask FollowUpKind = "assignment"  // penugasan khusus
	Counselling FollowUpKind = "counselling" // konseling
)

// Answer is the rating of one indicator, "" while there is only a note. Unique by evaluation and indicator.
type Answer struct {
	ID           int64
	EvaluationID int64
	IndicatorID  int64
	Rating       Rating
	Reason       string // why not "meets"
	Note         string // feedback to the employee
	UpdatedAt    time.Time
}

// Result is one finished version of an evaluation. Ratings, reasons and note never change;
// what happened to it afterwards is written in its times. Unique by evaluation and version.
type Result struct {
	ID              int64
	EvaluationID    int64
	Version         int // from 1
	WorkRating      Rating
	BehaviourRating Rating
	Predicate       Predicate
	WorkReason      string
	BehaviourReason string
	Note            string
	FollowUpKind    FollowUpKind
	FollowUpDue     Date
	FollowUpName    string
	SetBy           int64
	SetAt           time.Time  // ditetapkan
	ReleaseAt       *time.Time // visible to the employee from then on; nil until the administrator publishes
	OpenedAt        *time.Time // received: the objection days run from here
	AcknowledgedAt  *time.Time // diketahui
	WithdrawnAt     *time.Time // taken back before its release
	DelegationID    int64      // by which it was set for the evaluator; 0 when he set it himself
	ReopenedAt      *time.Time // opened again with a reason: see reopenings
}

// ResultAnswer is the answer to one indicator as it stood when the result was set. Unique by result and indicator.
type ResultAnswer struct {
	ID          int64
	ResultID    int64
	IndicatorID int64
	Rating      Rating
	Reason      string
	Note        string
}

// NotificationState is where a notification stands.
type NotificationState string

// The states of a notification. A claimed one is still owed, with a lease.
const (
	Owed        NotificationState = "owed"
	Sent        NotificationState = "sent"
	Failed      NotificationState = "failed"      // parked after many tries, shown to the administrator
	Unreachable NotificationState = "unreachable" // the person has no account, or blocked the bot
	Cancelled   NotificationState = "cancelled"   // its cause is gone, or nothing was owed any more when it was due
)

// Notification is something that somebody must be told. Unique by key, so that its cause may be told twice and it is still one.
type Notification struct {
	ID         int64
	Key        string
	PersonID   int64
	PeriodID   int64 // 0 for none
	Kind       string
	Args       string // arguments of the kind, separated by ":"; never personal data
	State      NotificationState
	DueAt      time.Time // not before
	Attempts   int
	LeaseOwner string
	LeaseUntil *time.Time
	LastError  string // class of the failure, never its text
	SentAt     *time.Time
	MessageID  int
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// Audit is one change, or one look at somebody else's result: who, what, when, before and after.
type Audit struct {
	ID       int64
	At       time.Time
	ActorID  int64 // person; 0 for the program itself
	Action   string
	Subject  string // such as "evaluation"
	ObjectID int64
	Before   string // JSON or one word
	After    string
}

// Job is long work done in chunks. Unique by key. The holder of the lease does the next chunk.
type Job struct {
	ID         int64
	Key        string
	Kind       string
	ObjectID   int64 // what it works on, such as the period
	ActorID    int64 // who asked, told when it is done
	Cursor     int64 // last id that is done
	Done       int
	Total      int
	State      string // running, done
	ChatID     int64  // where its progress is shown
	MessageID  int
	LeaseOwner string
	LeaseUntil *time.Time
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// Lease is a duty that one process at a time holds, such as polling. It is never needed for correctness.
type Lease struct {
	Name  string `gorm:"primaryKey"`
	Owner string
	Until time.Time
}
