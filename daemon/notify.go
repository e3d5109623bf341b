package daemon

import (
	"context"
	"fmt"
	"time"

	sd "github.com/coreos/go-systemd/v22/daemon"
	"golang.org/x/sys/unix"
)

// staleTurn is the age of the dispatcher's last turn at which the watchdog is no longer
// fed. The dispatcher turns at least every 30 s, and a commit on a slow disk takes time.
const staleTurn = 60 * time.Second

// Notifications to systemd (sd_notify(3)). Without systemd they have no effect; errors are ignored,
// since nothing could be done about them.

func notifyReady()    { _, _ = sd.SdNotify(false, sd.SdNotifyReady) }
func notifyStopping() { _, _ = sd.SdNotify(false, sd.SdNotifyStopping) }

// extendStart asks systemd for startExtension more time to start. It must be called again
// within that time.
func extendStart() {
	_, _ = sd.SdNotify(false, fmt.Sprintf("EXTEND_TIMEOUT_USEC=%d", startExtension.Microseconds()))
}

// startExtension is the time that each extendStart asks for.
const startExtension = 30 * time.Second

// notifyReloading tells systemd that a reload begins, with the monotonic time that
// Type=notify-reload requires.
func notifyReloading() {
	var ts unix.Timespec
	if unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts) == nil {
		_, _ = sd.SdNotify(false, fmt.Sprintf("%s\nMONOTONIC_USEC=%d", sd.SdNotifyReloading, ts.Nano()/1000))
	}
}

// watch feeds systemd's watchdog as long as the dispatcher turns and the database can be
// written.
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
