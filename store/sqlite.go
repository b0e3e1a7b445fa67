package store

import (
	"database/sql"
	"errors"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/callbacks"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/logger"
	"gorm.io/gorm/migrator"
	"gorm.io/gorm/schema"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// sqliteDialector lets GORM speak to modernc.org/sqlite, which builds without cgo and is kept current;
// the ready-made dialectors without cgo rest on versions of it from 2023. It has no migrator: goose makes the schema.
type sqliteDialector struct{ pool *sql.DB }

// Name is how GORM knows the engine.
func (sqliteDialector) Name() string { return "sqlite" }

// Initialize registers the clauses that SQLite understands.
func (d sqliteDialector) Initialize(db *gorm.DB) error {
	db.ConnPool = d.pool
	callbacks.RegisterDefaultCallbacks(db, &callbacks.Config{
		CreateClauses:        []string{"INSERT", "VALUES", "ON CONFLICT", "RETURNING"},
		UpdateClauses:        []string{"UPDATE", "SET", "FROM", "WHERE"},
		DeleteClauses:        []string{"DELETE", "FROM", "WHERE"},
		LastInsertIDReversed: true,
	})
	return nil
}

// Migrator is GORM's general one; nothing here calls it.
func (d sqliteDialector) Migrator(db *gorm.DB) gorm.Migrator {
	return migrator.Migrator{Config: migrator.Config{DB: db, Dialector: d}}
}

// DataTypeOf names the type of a column.
func (sqliteDialector) DataTypeOf(f *schema.Field) string { return string(f.DataType) }

// DefaultValueOf is NULL: the schema has no other defaults.
func (sqliteDialector) DefaultValueOf(*schema.Field) clause.Expression {
	return clause.Expr{SQL: "NULL"}
}

// BindVarTo writes the mark of an argument.
func (sqliteDialector) BindVarTo(w clause.Writer, _ *gorm.Statement, _ any) {
	mustWrite(w, "?")
}

// QuoteTo quotes each part of a dotted name.
func (sqliteDialector) QuoteTo(w clause.Writer, name string) {
	mustWrite(w, "`"+strings.ReplaceAll(strings.ReplaceAll(name, "`", "``"), ".", "`.`")+"`")
}

// mustWrite writes to GORM's builder, which is a strings.Builder and cannot fail.
func mustWrite(w clause.Writer, text string) {
	if _, err := w.WriteString(text); err != nil {
		panic("store: strings.Builder failed: " + err.Error())
	}
}

// Explain writes a statement with its arguments, for a debugger; nothing here logs it.
func (sqliteDialector) Explain(sql string, vars ...any) string {
	return logger.ExplainSQL(sql, nil, `"`, vars...)
}

// SavePoint begins a nested transaction.
func (sqliteDialector) SavePoint(tx *gorm.DB, name string) error {
	return tx.Exec("SAVEPOINT " + name).Error
}

// RollbackTo ends a nested transaction without its changes.
func (sqliteDialector) RollbackTo(tx *gorm.DB, name string) error {
	return tx.Exec("ROLLBACK TO SAVEPOINT " + name).Error
}

// Translate names the errors that callers of GORM ask for.
func (sqliteDialector) Translate(err error) error {
	var coded *sqlite.Error
	if errors.As(err, &coded) {
		switch coded.Code() {
		case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
			return gorm.ErrDuplicatedKey
		case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
			return gorm.ErrForeignKeyViolated
		}
	}
	return err
}
