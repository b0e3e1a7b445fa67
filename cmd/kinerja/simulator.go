package main

import (
	"context"
	"fmt"
	"net"

	"kinerja/bot/simulator"
)

// simulatorCommand is Telegram for whoever wants to try the program with stores and a roster of his own before there is a bot.
type simulatorCommand struct {
	Listen string `name:"listen" env:"SIMULATOR_LISTEN" default:"localhost:8081" help:"Address of its Bot API and of the page with the phones."`
}

// Run serves until it is told to stop. Chats and phones are in memory only.
func (s *simulatorCommand) Run(c console) error {
	listener, err := (&net.ListenConfig{}).Listen(c.ctx, "tcp", s.Listen)
	if err != nil {
		return fmt.Errorf("listen for the simulator (choose another address with --listen): %w", err)
	}
	sim := simulator.New(simulator.Options{})
	defer sim.Close()
	const words = "A Telegram without Telegram, with phones at %[1]s\n\nIn another terminal, beside your DATABASE_URL and REDIS_URL:\n\n" +
		"  export TELEGRAM_API_URL=%[1]s TELEGRAM_TOKEN=%[2]s\n  kinerja serve\n\n" +
		"Add a phone for each person on the page; an invitation is opened by typing its code there. All chats are gone with Ctrl+C.\n"
	if _, err := fmt.Fprintf(c.stdout, words, "http://"+listener.Addr().String(), sim.Token()); err != nil {
		return err
	}
	defer context.AfterFunc(c.ctx, sim.Close)() // it ends the streams to the pages, for which stopping would wait
	return serveOn(c.ctx, listener, sim.Handler(), nil)
}
