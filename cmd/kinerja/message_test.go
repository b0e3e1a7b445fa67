package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"kinerja/bot/simulator"
	"kinerja/store/storetest"
)

// A picture that an administrator sends into the chat reaches a phone by Telegram's id, with its caption, and can be forwarded; the card of its
// author follows by itself to the end. One that Telegram has no more stops the sending, and he is told.
func TestAMessageWithAPictureGoesThroughTelegramAndItsCardFollows(t *testing.T) {
	w := build(t, storetest.URL(t, "sqlite"), "embedded:", false)
	w.open(t)
	people := castOf(w.cast)
	admin := people.admin
	w.types(t, admin, "/admin", "Administrasi")
	w.taps(t, admin, "Pesan", "Belum ada pesan")
	w.taps(t, admin, "Pesan baru", "kepada siapa")
	w.taps(t, admin, "Semua pegawai", "tulis")
	w.clock.Advance(2 * time.Second) // a message of the second in which he was asked would be none
	w.sim.SendPicture(admin, []byte("gambar"), "Apel <pagi> Senin", "")
	w.until(t, admin, "Dengan gambar")
	w.taps(t, admin, "Lanjut", "Kirim pesan ini?")
	w.taps(t, admin, "Kirim ke", "dari")
	got := w.until(t, people.employee, "Apel <pagi> Senin")
	if !got.Photo || got.Protected || len(got.Buttons) != 0 {
		t.Errorf("it came as %+v; want a picture that can be forwarded, without buttons", got)
	}
	w.clock.Advance(10 * time.Second) // those of the next seconds
	w.until(t, admin, "Selesai:")

	w.taps(t, admin, "Pakai lagi", "Dengan gambar")
	w.taps(t, admin, "Lepas gambar", "Pesan · draf")
	w.taps(t, admin, "contoh", "Pengumuman dari")
	w.await(t, "the sample of a text comes as what can be forwarded", func() bool {
		chat := w.sim.Chat(admin)
		last := chat[len(chat)-1]
		return !last.Protected && len(last.Buttons) == 0 && !last.Photo
	})
	w.types(t, admin, "/admin", "Administrasi")
	w.taps(t, admin, "Pesan", "terkirim:")
	w.taps(t, admin, "2", "Selesai:")
	w.taps(t, admin, "Pakai lagi", "Dengan gambar")
	w.sim.ForgetFiles()
	w.taps(t, admin, "Lanjut", "Kirim pesan ini?")
	w.taps(t, admin, "Kirim ke", "dari")
	w.until(t, admin, "tidak lagi menyimpan")
}

// until waits until somebody sees a message with a text, wherever in his chat, and returns it.
func (w *town) until(t *testing.T, user int64, text string) (found simulator.Message) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	_, err := w.client.Await(ctx, user, func(v simulator.View) bool {
		for _, m := range v.Messages {
			if m.FromBot && strings.Contains(m.Text, text) {
				found = m
				return true
			}
		}
		return false
	})
	if err != nil {
		t.Fatalf("%d never saw %q: %v", user, text, err)
	}
	return found
}
