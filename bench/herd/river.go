package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	rivers "github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

// postgres is a PostgreSQL server of the run's own, in its own folder, on a socket there.
type postgres struct {
	dir string
	cmd *exec.Cmd
}

// postgresBin finds the server's programs; "" when there are none.
func postgresBin() string {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if len(found) == 0 {
		return ""
	}
	return filepath.Dir(found[len(found)-1])
}

// startPostgres makes a server. It does not run as root, so a root hands it to the user
// postgres.
func startPostgres(dir string) (*postgres, error) {
	bin := postgresBin()
	p := &postgres{dir: filepath.Join(dir, "pg")}
	if err := os.Mkdir(p.dir, 0o700); err != nil {
		return nil, err
	}
	attr := &syscall.SysProcAttr{}
	if os.Getuid() == 0 {
		u, err := user.Lookup("postgres")
		if err != nil {
			return nil, err
		}
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		if err := errors.Join(os.Chown(p.dir, uid, gid), os.Chmod(dir, 0o755)); err != nil {
			return nil, err
		}
	}
	init := exec.Command(filepath.Join(bin, "initdb"), "-D", filepath.Join(p.dir, "data"), "-A", "trust", "-U", "herd")
	init.SysProcAttr, init.Dir = attr, p.dir
	if out, err := init.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	p.cmd = exec.Command(filepath.Join(bin, "postgres"), "-D", filepath.Join(p.dir, "data"), "-k", p.dir, "-h", "", "-c", "max_connections=200")
	p.cmd.SysProcAttr, p.cmd.Dir = attr, p.dir
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	return p, p.await()
}

func (p *postgres) await() error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for {
		pool, err := pgxpool.New(ctx, p.url())
		if err == nil {
			err = pool.Ping(ctx)
			pool.Close()
		}
		if err == nil || ctx.Err() != nil {
			return err
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func (p *postgres) url() string {
	return fmt.Sprintf("host=%s user=herd dbname=postgres pool_max_conns=100", p.dir)
}

// spent is the processor time of the server and its children.
func (p *postgres) spent() (all time.Duration) {
	pids := []int{p.cmd.Process.Pid}
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		raw, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		_, rest, _ := strings.Cut(string(raw), ") ")
		if f := strings.Fields(rest); len(f) > 1 && f[1] == strconv.Itoa(pids[0]) && !slices.Contains(pids, pid) {
			pids = append(pids, pid)
		}
	}
	for _, pid := range pids {
		all += spent(pid)
	}
	return all
}

func (p *postgres) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGINT)
	_ = p.cmd.Wait()
}

// postArgs is a River job.
type postArgs struct {
	Job job `json:"job"`
}

// Kind implements river.JobArgs.
func (postArgs) Kind() string { return "post" }

type postWorker struct {
	rivers.WorkerDefaults[postArgs]
	e    errand
	done *sync.WaitGroup
}

// Work implements river.Worker.
func (w *postWorker) Work(_ context.Context, j *rivers.Job[postArgs]) error {
	w.e.post(j.Args.Job)
	w.done.Done()
	return nil
}

// river posts from a River queue, tuned: "river FILE URL CONNECTIONS POSTGRES". Its own
// scheduler looks every 5 s for what has come due, which would be its whole lateness; so
// the jobs are made available ahead, and its poll finds them at their instant.
func river(args []string) error {
	e, err := readErrand(args)
	if err != nil {
		return err
	}
	ctx := context.Background()
	pool, err := pgxpool.New(ctx, args[3])
	if err != nil {
		return err
	}
	defer pool.Close()
	driver := riverpgxv5.New(pool)
	migrator, err := rivermigrate.New(driver, nil)
	if err != nil {
		return err
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return err
	}
	if _, err := pool.Exec(ctx, "DELETE FROM river_job"); err != nil {
		return err
	}
	var done sync.WaitGroup
	done.Add(len(e.jobs))
	workers := rivers.NewWorkers()
	rivers.AddWorker(workers, &postWorker{e: e, done: &done})
	client, err := rivers.NewClient(driver, &rivers.Config{
		Workers: workers, Queues: map[string]rivers.QueueConfig{rivers.QueueDefault: {MaxWorkers: 1000}},
		FetchCooldown: time.Millisecond, FetchPollInterval: 10 * time.Millisecond,
	})
	if err != nil {
		return err
	}
	if err := insert(ctx, client, pool, e.jobs); err != nil {
		return err
	}
	if err := client.Start(ctx); err != nil {
		return err
	}
	done.Wait()
	return client.Stop(ctx)
}

func insert[T any](ctx context.Context, client *rivers.Client[T], pool *pgxpool.Pool, jobs []job) error {
	for batch := range slices.Chunk(jobs, 1000) {
		params := make([]rivers.InsertManyParams, len(batch))
		for i, j := range batch {
			params[i] = rivers.InsertManyParams{Args: postArgs{j}, InsertOpts: &rivers.InsertOpts{ScheduledAt: j.Due}}
		}
		if _, err := client.InsertMany(ctx, params); err != nil {
			return err
		}
	}
	_, err := pool.Exec(ctx, "UPDATE river_job SET state = 'available' WHERE state = 'scheduled'")
	return err
}
