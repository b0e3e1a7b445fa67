package roster

import (
	"strings"

	"kinerja/store"
)

// Typed reads what somebody types into one field of a person, by the rules of a file; problems say what is wrong, in the words of name.
func Typed(field store.PersonField, name, text string) (value string, problems []Problem) {
	value = strings.Join(strings.Fields(text), " ")
	switch field {
	case store.FieldNIP:
		return readNIP(name, value, false)
	case store.FieldName:
		return value, textProblems(name, value, maxName, true)
	case store.FieldPosition:
		return value, textProblems(name, value, maxName, true)
	case store.FieldGrade:
		return value, textProblems(name, value, maxGrade, true)
	case store.FieldKind:
		kind, known := positionKind(value)
		if !known {
			problems = append(problems, wrong("position_kind", map[string]any{"Text": shorten(value)}))
		}
		return kind, problems
	default:
		phone, read := store.Phone(value)
		if !read {
			problems = append(problems, wrong("phone", nil))
		}
		return phone, problems
	}
}
