package main

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// oneByOne is the first line of a test that plays one person after the other for minutes. The race detector would find nothing there and make it
// several times as long, so such a test is left to the second half of `make test`, which runs without it.
func oneByOne(t *testing.T) {
	t.Helper()
	if raceDetector {
		t.Skip("without the race detector: see the target test in the Makefile")
	}
}

func TestWhatIsLeftOutUnderTheRaceDetectorRunsWithoutIt(t *testing.T) {
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^ONE_BY_ONE := (\S+)$`).FindSubmatch(makefile)
	if line == nil {
		t.Fatal("the Makefile does not say which tests run without the race detector")
	}
	chosen := regexp.MustCompile(string(line[1]))
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	begins, found := regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\) \{\n\toneByOne\(t\)$`), 0
	for _, file := range files {
		content, err := os.ReadFile(file) //nolint:gosec // a file of this folder
		if err != nil {
			t.Fatal(err)
		}
		for _, test := range begins.FindAllSubmatch(content, -1) {
			found++
			if !chosen.Match(test[1]) {
				t.Errorf("%s never runs: ONE_BY_ONE in the Makefile does not name it", test[1])
			}
		}
	}
	if found == 0 {
		t.Error("no test is left out: this one reads the wrong files")
	}
}
