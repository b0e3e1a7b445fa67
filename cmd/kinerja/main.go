// Command kinerja is the Telegram bot with which a city evaluates its civil servants.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // deadlines are told in Asia/Jakarta on machines without zone files too

	"github.com/alecthomas/kong"
	"github.com/redis/go-redis/v9"
)

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
	exitPartly = 3 // an import did what it could, or would: rows were left out; or only the city's administrators have something left to do
)

// cli is every subcommand. Each has a file of its own.
type cli struct {
	Demo        demoCommand        `cmd:"" help:"Play with kinerja in the browser: sample city, own stores, Telegram simulator. Needs nothing."`
	Simulator   simulatorCommand   `cmd:"" help:"Run a Telegram simulator with a page of phones, to try serve without Telegram."`
	Serve       serveCommand       `cmd:"" help:"Run the bot in production."`
	Doctor      doctorCommand      `cmd:"" help:"Look at everything that serve needs, and at what the city lacks, and say what to do."`
	Migrate     migrateCommand     `cmd:"" help:"Bring the database schema up to this program."`
	Import      importCommand      `cmd:"" help:"Import units and people from XLSX, ODS or CSV."`
	Template    templateCommand    `cmd:"" help:"Write and read indicators as XLSX."`
	Performance performanceCommand `cmd:"" help:"Write and read the organisation performance of units in a period as XLSX or CSV."`
	Unit        unitCommand        `cmd:"" help:"List, move and merge units."`
	SKP         skpCommand         `cmd:"" name:"skp" help:"Write and read the results that people have of their own (SKP) as XLSX."`
	Invite      inviteCommand      `cmd:"" help:"Make one-time codes with which people link their Telegram account."`
	Resend      resendCommand      `cmd:"" help:"Send again every notification that was given up after many tries."`
	Leave       leaveCommand       `cmd:"" help:"End the place of somebody who retired, died or moved out: account, roles, messages."`
	Revoke      revokeCommand      `cmd:"" help:"Take a role away."`
	Unlink      unlinkCommand      `cmd:"" help:"End the Telegram account of somebody whose phone is lost."`
	Prune       pruneCommand       `cmd:"" help:"Delete what is older than it must be kept."`
	Audit       auditCommand       `cmd:"" help:"Verify that nobody changed the audit behind the program's back."`
	Gallery     galleryCommand     `cmd:"" help:"Write every screen in every language into one HTML file."`
	Version     versionCommand     `cmd:"" help:"Print the version."`
}

// console is where a subcommand reads its signals and writes its words.
type console struct {
	ctx    context.Context
	stdout io.Writer
	stderr io.Writer
}

// mute is what the client of Redis writes to. Its lines are no JSON, and whoever needed Redis says what failed.
type mute struct{}

func (mute) Printf(context.Context, string, ...any) {}

func main() {
	redis.SetLogger(mute{})
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the whole program but the process.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var commands cli
	leave := -1
	parser, err := kong.New(&commands,
		kong.Name("kinerja"),
		kong.Description("A Telegram bot with which a city evaluates its civil servants (ASN).\n\nTry it: kinerja demo, then open http://localhost:8080"),
		kong.Writers(stdout, stderr), kong.Exit(func(code int) { leave = code }), kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.Resolvers(secretFiles(os.Getenv)),
		kong.Bind(console{ctx: ctx, stdout: stdout, stderr: stderr}))
	if err != nil {
		return report(stderr, err)
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	chosen, err := parser.Parse(args)
	if leave >= 0 {
		return leave
	}
	if err != nil {
		parser.FatalIfErrorf(err)
		return exitUsage
	}
	return report(stderr, chosen.Run())
}

// report prints what went wrong, once, and returns the exit code.
func report(stderr io.Writer, err error) int {
	if err == nil || errors.Is(err, context.Canceled) {
		return exitOK
	}
	if _, printErr := fmt.Fprintf(stderr, "kinerja: %s\n", inWords(err)); printErr != nil {
		return exitFailed
	}
	if errors.Is(err, errRowsLeftOut) {
		return exitPartly
	}
	var found findingsError
	if errors.As(err, &found) {
		return found.code
	}
	var wrong settingsError
	if errors.As(err, &wrong) {
		return exitUsage
	}
	return exitFailed
}
