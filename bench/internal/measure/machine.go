package measure

import (
	"os"
	"regexp"
	"runtime"
	"strings"
	"time"
)

// ThisMachine describes the machine that this runs on.
func ThisMachine() Machine {
	load, _, _ := strings.Cut(read("/proc/loadavg"), " ")
	kernel, _, _ := strings.Cut(strings.TrimSpace(read("/proc/sys/kernel/osrelease")), "-")
	return Machine{
		CPU:    find("/proc/cpuinfo", `(?m)^model name\s*:\s*(.*)$`),
		Cores:  runtime.NumCPU(),
		Memory: find("/proc/meminfo", `(?m)^MemTotal:\s*(.*)$`),
		Kernel: kernel,
		Go:     runtime.Version(),
		Load:   load,
		Date:   time.Now().UTC().Truncate(time.Minute),
	}
}

func read(file string) string {
	content, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	return string(content)
}

func find(file, pattern string) string {
	match := regexp.MustCompile(pattern).FindStringSubmatch(read(file))
	if match == nil {
		return "unknown"
	}
	return match[1]
}
