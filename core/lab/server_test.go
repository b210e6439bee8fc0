package lab

import (
	"io"
	"net"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	mqtt "github.com/mochi-mqtt/server/v2"
)

// TestCloseWhileClientsLeave looks for the clients that are there while others come and go, as Close does: neither may wait
// for the other.
func TestCloseWhileClientsLeave(t *testing.T) {
	broker := mqtt.New(nil)
	var coming sync.WaitGroup
	for id := range 2 {
		coming.Go(func() {
			client := broker.NewClient(nil, listenerID, strconv.Itoa(id), false)
			for range 20_000 {
				broker.Clients.Add(client)
				broker.Clients.Delete(client.ID)
			}
		})
	}
	looked := make(chan struct{})
	go func() {
		defer close(looked)
		for range 20_000 {
			present(broker)
		}
		coming.Wait()
	}()
	select {
	case <-looked:
	case <-time.After(time.Minute):
		t.Fatal("whoever looks and whoever leaves wait for each other")
	}
}

// TestProxyWaitsForSlowClients lets a client take its time between the two messages of SOCKS5.
func TestProxyWaitsForSlowClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, inside := net.Pipe()
		defer client.Close()
		go func() {
			defer inside.Close()
			refuseSOCKS(inside)
		}()
		client.Write([]byte{5, 1, 0})
		if _, err := io.ReadFull(client, make([]byte, 2)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(greeting / 2)
		go client.Write([]byte{5, 1, 0, 1, 127, 0, 0, 1, 0, 80})
		answer := make([]byte, 10)
		if _, err := io.ReadFull(client, answer); err != nil || answer[1] != 2 {
			t.Errorf("got % x, %v", answer, err)
		}
	})
}
