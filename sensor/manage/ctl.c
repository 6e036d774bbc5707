// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/manage/ctl.h"
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "decoders/base/log.h"

static const char ctl_usage[] = "sekisho ctl COMMAND [--socket PATH]     asks a running sensor (its "
				"unix-command.filename; else " CTL_SOCKET_PRESET ")\n"
				"\n"
				"  version          its version\n"
				"  uptime           seconds since it started\n"
				"  dump-counters    what its workers counted\n"
				"  reload-rules     read the rule files again; answers when every worker uses them\n"
				"  shutdown         end as with SIGTERM\n";

static int connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	int reason = errno;
	close(fd);
	errno = reason;
	return -1;
}

// Prints the answer; true when it is a good one.
static bool show_answer(int fd)
{
	static const char good_start[] = "{\"return\":\"OK\"";
	char part[4096], start[sizeof(good_start)] = "";
	size_t seen = 0;
	for (ssize_t got; (got = read(fd, part, sizeof(part))) > 0;) {
		for (ssize_t i = 0; i < got && seen < sizeof(good_start) - 1; i++)
			start[seen++] = part[i];
		fwrite(part, 1, (size_t)got, stdout);
		if (part[got - 1] == '\n')
			break;
	}
	if (!seen)
		log_error("ctl: the sensor closed the connection without an answer");
	return strcmp(start, good_start) == 0;
}

static bool ask(int fd, const char *command)
{
	char line[256];
	int len = snprintf(line, sizeof(line), "{\"command\":\"%s\"}\n", command);
	return len > 0 && (size_t)len < sizeof(line) && write(fd, line, (size_t)len) == len && show_answer(fd);
}

int ctl_main(int argc, char **argv)
{
	const char *command = NULL, *path = CTL_SOCKET_PRESET;
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--socket") == 0 && i + 1 < argc) {
			path = argv[++i];
		} else if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0) {
			fputs(ctl_usage, stdout);
			return 0;
		} else if (argv[i][0] == '-' || command || strpbrk(argv[i], "\"\\") || strlen(argv[i]) > 60) {
			log_error("ctl: %s is not understood (sekisho ctl --help)", argv[i]);
			return 2;
		} else {
			command = argv[i];
		}
	}
	if (!command) {
		fputs(ctl_usage, stderr);
		return 2;
	}
	int fd = connect_to(path);
	if (fd < 0) {
		log_error("ctl: %s: %s", path, strerror(errno));
		return 1;
	}
	bool good = ask(fd, command);
	close(fd);
	return good ? 0 : 1;
}
