package lab

import (
	"strconv"
	"sync"
	"testing"
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
