package store_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"database/sql"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kinerja/store"
	"kinerja/store/servers"
	"kinerja/store/storetest"
)

// startServer starts a MariaDB of the test's own, with an empty database and an account that read_only binds, as it does not bind root.
func startServer(t *testing.T, options ...servers.Option) *servers.Server {
	t.Helper()
	storetest.MariaDB(t) // or the test is left out, where that is allowed
	s, err := servers.StartMariaDB(ctx, t.TempDir(), options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	asRoot(t, s, "CREATE DATABASE kinerja", "CREATE USER kinerja@'%' IDENTIFIED BY 'a,b@c'", "GRANT ALL ON kinerja.* TO kinerja@'%'")
	return s
}

// asRoot runs statements as an operator does.
func asRoot(t *testing.T, s *servers.Server, statements ...string) {
	t.Helper()
	db, err := sql.Open("mysql", "root@tcp("+s.Addr()+")/")
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range statements {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

// urlOf names servers in the order of preference.
func urlOf(list ...*servers.Server) string {
	var hosts []string
	for _, s := range list {
		hosts = append(hosts, s.Addr())
	}
	return "mysql://kinerja:a%2Cb%40c@" + strings.Join(hosts, ",") + "/kinerja"
}

// startPair starts two servers that know nothing of each other, each with the schema.
func startPair(t *testing.T) (first, second *servers.Server) {
	t.Helper()
	first, second = startServer(t), startServer(t)
	for _, s := range []*servers.Server{first, second} {
		storetest.Open(t, urlOf(s), store.Options{})
	}
	return first, second
}

func openStore(t *testing.T, url string) *store.Store {
	t.Helper()
	s, err := store.Open(ctx, url, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// addUnit writes through the store and tells on which servers the row is.
func addUnit(t *testing.T, s *store.Store, code string, list ...*servers.Server) (where []bool) {
	t.Helper()
	if _, err := s.SaveUnits(ctx, 0, []store.UnitEntry{{Code: code, Name: code}}); err != nil {
		t.Fatalf("save unit %s: %v", code, err)
	}
	for _, each := range list {
		db, err := sql.Open("mysql", "root@tcp("+each.Addr()+")/kinerja")
		if err != nil {
			t.Fatal(err)
		}
		var n int
		if err := db.QueryRowContext(ctx, "SELECT COUNT(*) FROM units WHERE code = ?", code).Scan(&n); err != nil {
			t.Fatal(err)
		}
		where = append(where, n == 1)
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
	return where
}

const (
	readOnly  = "SET GLOBAL read_only = ON"
	readWrite = "SET GLOBAL read_only = OFF"
)

func TestOfSeveralServersTheFirstThatTakesWritesIsUsed(t *testing.T) {
	first, second := startPair(t)
	asRoot(t, first, readOnly)
	s := openStore(t, urlOf(first, second))
	if at := addUnit(t, s, "A", first, second); at[0] || !at[1] {
		t.Errorf("with the first read-only the row is at %v", at)
	}

	asRoot(t, first, readWrite) // nothing calls it back: the pool keeps to the server it has
	if at := addUnit(t, s, "B", first, second); at[0] || !at[1] {
		t.Errorf("with both writable the row is at %v", at)
	}

	asRoot(t, second, readOnly) // in the middle of a life, with warm connections
	for range 3 {
		if err := s.Ping(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if at := addUnit(t, s, "C", second); at[0] {
		t.Error("the row was written to a read-only server")
	}
	if at := addUnit(t, openStore(t, urlOf(first, second)), "D", first, second); !at[0] || at[1] {
		t.Errorf("a new process wrote to %v", at)
	}
	if _, err := s.UnitByCode(ctx, "C"); err != nil {
		t.Errorf("the pool reads from where it does not write: %v", err)
	}
}

func TestAFailoverInTheMiddleOfWorkFailsNoWrite(t *testing.T) {
	first, second := startPair(t)
	s := openStore(t, urlOf(first, second))
	const people, each = 8, 25
	var done atomic.Int32
	warm := make(chan struct{})
	var work sync.WaitGroup
	for p := range people {
		work.Go(func() {
			for n := range each {
				code := fmt.Sprintf("U%d-%d", p, n)
				if _, err := s.SaveUnits(ctx, 0, []store.UnitEntry{{Code: code, Name: code}}); err != nil {
					t.Errorf("save unit %s: %v", code, err)
				}
				if done.Add(1) == people {
					close(warm)
				}
			}
		})
	}
	<-warm
	asRoot(t, first, readOnly)
	work.Wait()
	before, after := countUnits(t, first), countUnits(t, second)
	if before+after != people*each || after == 0 {
		t.Errorf("%d units before the failover and %d after it, want %d in all", before, after, people*each)
	}
}

func countUnits(t *testing.T, server *servers.Server) (n int) {
	t.Helper()
	db, err := sql.Open("mysql", "root@tcp("+server.Addr()+")/kinerja")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.QueryRowContext(ctx, "SELECT COUNT(*) FROM units").Scan(&n), db.Close()); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestWhenTheServerInUseDiesTheNextOneIsUsed(t *testing.T) {
	first, second := startPair(t)
	s := openStore(t, urlOf(first, second))
	if at := addUnit(t, s, "A", first, second); !at[0] || at[1] {
		t.Fatalf("the row is at %v", at)
	}
	if err := first.Kill(); err != nil {
		t.Fatal(err)
	}
	if at := addUnit(t, s, "B", second); !at[0] {
		t.Error("the row is not at the second server")
	}
}

func TestAServerThatIsOnlyToBeReadIsNoDatabase(t *testing.T) {
	server := startServer(t)
	s := storetest.Open(t, urlOf(server), store.Options{})
	if err := s.TakesWrites(ctx); err != nil {
		t.Fatalf("writable: %v", err)
	}

	asRoot(t, server, readOnly)
	_, err := store.Open(ctx, urlOf(server), store.Options{})
	if err == nil || !strings.Contains(err.Error(), server.Addr()) || !strings.Contains(err.Error(), "read_only is ON") {
		t.Errorf("a new process is told %v", err)
	}
	s.ForgetPulse()
	if err := s.Ping(ctx); err != nil {
		t.Errorf("a ping is answered, that is the point: %v", err)
	}
	if err := s.TakesWrites(ctx); !store.Transient(err) {
		t.Errorf("it takes writes, or never will again: %v", err)
	}
	if _, err := s.SaveUnits(ctx, 0, []store.UnitEntry{{Code: "A", Name: "A"}}); !store.Transient(err) {
		t.Errorf("a write ended with %v, want something that passes", err)
	}

	asRoot(t, server, readWrite)
	if err := s.TakesWrites(ctx); err != nil {
		t.Errorf("writable again: %v", err)
	}
}

func TestTheServersCertificateIsCheckedAgainstTheHostOfTheURL(t *testing.T) {
	folder := t.TempDir()
	ours, foreign := newAuthority(t), newAuthority(t)
	ours.write(t, folder, "ca.pem")
	foreign.write(t, folder, "foreign.pem")
	ours.issue(t, folder, "localhost")
	server := startServer(t, servers.With("--ssl-cert="+filepath.Join(folder, "cert.pem"), "--ssl-key="+filepath.Join(folder, "key.pem")))
	_, port, _ := strings.Cut(server.Addr(), ":")
	open := func(host, options string) (*store.Store, error) {
		return store.Open(ctx, "mysql://kinerja:a%2Cb%40c@"+host+":"+port+"/kinerja?"+options, store.Options{})
	}

	// What the machine trusts; Go reads it once in the life of a process, and no other test of this package speaks TLS.
	t.Setenv("SSL_CERT_FILE", filepath.Join(folder, "ca.pem"))
	for _, options := range []string{"tls=true", "tls-ca=" + filepath.Join(folder, "ca.pem"), "tls=true&tls-ca=" + filepath.Join(folder, "ca.pem")} {
		s, err := open("localhost", options)
		if err != nil {
			t.Fatalf("the right name and authority with %s: %v", options, err)
		}
		if n := s.CountRows(t, "SELECT COUNT(*) FROM information_schema.session_status WHERE variable_name = 'Ssl_cipher' AND variable_value <> ''"); n != 1 {
			t.Error("the connection is not encrypted")
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	for what, try := range map[string]struct{ host, options string }{
		"another name":                         {"127.0.0.1", "tls-ca=" + filepath.Join(folder, "ca.pem")},
		"another authority":                    {"localhost", "tls-ca=" + filepath.Join(folder, "foreign.pem")},
		"another name, trusted by the machine": {"127.0.0.1", "tls=true"},
		"no such file":                         {"localhost", "tls-ca=" + filepath.Join(folder, "none.pem")},
		"no certificate":                       {"localhost", "tls-ca=" + filepath.Join(folder, "key.pem")},
		"a contradiction":                      {"localhost", "tls=skip-verify&tls-ca=" + filepath.Join(folder, "ca.pem")},
	} {
		if s, err := open(try.host, try.options); err == nil {
			t.Errorf("%s: accepted", what)
			_ = s.Close()
		}
	}
}

// authority signs certificates.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	a := authority{key: newKey(t)}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &a.key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.certificate, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return a
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (a authority) write(t *testing.T, folder, name string) {
	t.Helper()
	writePEM(t, filepath.Join(folder, name), "CERTIFICATE", a.certificate.Raw)
}

// issue writes cert.pem and key.pem for a host name.
func (a authority) issue(t *testing.T, folder, host string) {
	t.Helper()
	key := newKey(t)
	template := &x509.Certificate{SerialNumber: big.NewInt(2), DNSNames: []string{host}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	writePEM(t, filepath.Join(folder, "cert.pem"), "CERTIFICATE", der)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	writePEM(t, filepath.Join(folder, "key.pem"), "PRIVATE KEY", private)
}

func writePEM(t *testing.T, path, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}
