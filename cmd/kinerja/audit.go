package main

import (
	"context"
	"errors"
	"fmt"

	"kinerja/store"
)

type auditCommand struct {
	Verify auditVerify `cmd:"" help:"Compare the audit with its chain of digests, and name the first link that is broken."`
}

type auditVerify struct {
	databaseSetting
	Digest []string `placeholder:"DIGEST" help:"A digest that people were told, of 20 letters or more: it must be in the chain. May be given several times."`
}

// Run verifies the chain. It changes nothing. The exit code is 1 when a link is broken or a digest is not there.
func (v *auditVerify) Run(c console) (err error) {
	if err := asError(v.problems()); err != nil {
		return err
	}
	s, err := openStore(c.ctx, v.DatabaseURL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	check, err := s.VerifyAudit(c.ctx, func(seals int) {
		if seals%10_000 == 0 {
			fmt.Fprintf(c.stderr, "%d seals compared\n", seals)
		}
	})
	if err != nil {
		return err
	}
	if check.Broken != nil {
		return errors.New(brokenLink(*check.Broken))
	}
	if check.Seals == 0 {
		fmt.Fprintf(c.stdout, "Nothing is sealed yet; %d rows wait. `kinerja serve` seals them every three minutes.\n", check.Waiting)
	} else {
		const whole = "The chain is whole: %d rows in %d seals, from seal %d (%s) to seal %d (%s). %d rows wait for the next seal.\nIts digest now: %s\n"
		fmt.Fprintf(c.stdout, whole, check.Rows, check.Seals, check.First.ID, moment(check.First), check.Last.ID, moment(check.Last), check.Waiting, check.Last.Short())
	}
	return v.told(c.ctx, c, s)
}

// told looks for the digests that people were told.
func (v *auditVerify) told(ctx context.Context, c console, s *store.Store) error {
	var problems []error
	for _, digest := range v.Digest {
		seal, err := s.SealWith(ctx, digest)
		switch {
		case errors.Is(err, store.ErrNotFound):
			problems = append(problems,
				fmt.Errorf("the digest %q is not in the chain: either it was copied wrongly, or everything since then was made anew", digest))
		case err != nil:
			return err
		default:
			fmt.Fprintf(c.stdout, "The digest %s is that of seal %d (%s): what was sealed until then is as it was.\n", seal.Short(), seal.ID, moment(seal))
		}
	}
	return errors.Join(problems...)
}

func moment(seal store.AuditSeal) string {
	return seal.SealedAt.In(store.WIB).Format("2006-01-02 15:04 MST")
}

// brokenLink says which link is broken, and how.
func brokenLink(b store.BrokenLink) string {
	where := fmt.Sprintf("the chain is broken at seal %d (%s): ", b.Seal.ID, moment(b.Seal))
	switch b.Why {
	case store.BreakRowChanged:
		where += fmt.Sprintf("row %d of the audit does not say what it said then", b.AuditID)
	case store.BreakRowMissing:
		where += fmt.Sprintf("row %d of the audit is gone", b.AuditID)
	case store.BreakRowAdded:
		where += fmt.Sprintf("row %d of the audit stands in no seal, though all up to it were sealed", b.AuditID)
	case store.BreakSealGone:
		where += "the seal before it is gone"
	default:
		where += "it does not follow from its rows and the seal before it"
	}
	return where + ". Compare with a backup from before: the program itself never changes a row"
}
