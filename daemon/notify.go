package daemon

import (
	"context"
	"fmt"
	"time"

	sd "github.com/coreos/go-systemd/v22/daemon"
	"golang.org/x/sys/unix"
)

// staleTurn is how old the dispatcher's last turn may be for the watchdog to be fed: it
// turns at least every 30 s, and a commit on a slow disk may take its time.
const staleTurn = 60 * time.Second

// The notes to systemd are for its eyes only: without it they go nowhere, and an error
// in telling it changes nothing about what is told.

func notifyReady()    { _, _ = sd.SdNotify(false, sd.SdNotifyReady) }
func notifyStopping() { _, _ = sd.SdNotify(false, sd.SdNotifyStopping) }

// extendStart asks systemd for more time to start; it is to be called again within that.
func extendStart() {
	_, _ = sd.SdNotify(false, fmt.Sprintf("EXTEND_TIMEOUT_USEC=%d", startExtension.Microseconds()))
}

// startExtension is the time that a start which waits asks for, each second anew.
const startExtension = 30 * time.Second

// notifyReloading tells the time as Type=notify-reload wants it.
func notifyReloading() {
	var ts unix.Timespec
	if unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts) == nil {
		_, _ = sd.SdNotify(false, fmt.Sprintf("%s\nMONOTONIC_USEC=%d", sd.SdNotifyReloading, ts.Nano()/1000))
	}
}

// watch feeds systemd's watchdog while the dispatcher turns and the store can be written.
func (p *probes) watch(ctx context.Context) {
	interval, err := sd.SdWatchdogEnabled(false)
	if err != nil || interval == 0 {
		return
	}
	tick := time.NewTicker(interval / 3)
	defer tick.Stop()
	for {
		if p.unwell() == "" {
			_, _ = sd.SdNotify(false, sd.SdNotifyWatchdog)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
