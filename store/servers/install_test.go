package servers

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestWhatIsThereIsFoundWithoutAWordOrAnInstallation(t *testing.T) {
	need(t, Redis)
	var log bytes.Buffer

	if missing := FindOrInstall(t.Context(), &log, Redis); len(missing) != 0 {
		t.Errorf("missing: %v", missing)
	}
	if log.Len() != 0 {
		t.Errorf("it said %q", &log)
	}
}

func TestAProgramThatNobodyKnowsIsNotUsable(t *testing.T) {
	unknown := Program("unknown")
	if got := unusable(t.Context(), []Program{unknown}); !slices.Equal(got, []Program{unknown}) {
		t.Errorf("missing: %v", got)
	}
}

func TestServicesAreForbiddenOnlyWhileInstalling(t *testing.T) {
	policy := filepath.Join(t.TempDir(), "policy-rc.d")

	restore, err := forbidServices(policy)
	check(t, err)
	info, err := os.Stat(policy)
	check(t, err)
	if info.Mode().Perm()&0o111 == 0 {
		t.Error("dpkg cannot run the policy")
	}

	check(t, restore())
	if _, err := os.Stat(policy); !os.IsNotExist(err) {
		t.Errorf("the policy is left behind: %v", err)
	}
}

func TestAPolicyOfTheMachinesOwnerStaysAsItIs(t *testing.T) {
	policy := filepath.Join(t.TempDir(), "policy-rc.d")
	check(t, os.WriteFile(policy, []byte("his"), 0o600))

	restore, err := forbidServices(policy)
	check(t, err)
	check(t, restore())

	if text, err := os.ReadFile(policy); err != nil || string(text) != "his" {
		t.Errorf("policy %q, %v", text, err)
	}
}
