// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/manage/ctl.h"
#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "decoders/base/log.h"
#include "decoders/base/write_all.h"

#define ARGUMENTS_MAX 3 // of a command

static const char ctl_usage[] =
	"sekisho ctl COMMAND [--socket PATH]     asks a running sensor (its "
	"unix-command.filename; else " CTL_SOCKET_PRESET ")\n"
	"\n"
	"  version          its version\n"
	"  uptime           seconds since it started\n"
	"  dump-counters    what its workers, and what works behind them, counted\n"
	"  reload           read configuration, rule files and lists again; answers when every worker uses them, or\n"
	"                   with what is wrong (exit code 1: nothing was changed)\n"
	"  reload partial   the same; rules that are wrong are left out\n"
	"  reload indicators  read feeds and lists of indicators again, and nothing else\n"
	"  reload-rules     the same, with the answer suricatasc gives\n"
	"  shutdown         end as with SIGTERM\n"
	"\n"
	"  dataset-add NAME TYPE VALUE     add to a set of values (strings in base64, hashes in hex)\n"
	"  dataset-add-json NAME TYPE VALUE JSON  with an object for alerts\n"
	"  dataset-remove NAME TYPE VALUE  take a value away\n"
	"  dataset-lookup NAME TYPE VALUE  exit code 0 when it is there\n"
	"  dataset-clear NAME TYPE         take all values away\n"
	"  dataset-dump                    write the sets that have a state or save file\n";

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

// Prints the answer to out (NULL: not at all); true when it is a good one.
static bool show_answer(int fd, FILE *out)
{
	static const char good_start[] = "{\"return\":\"OK\"";
	char part[4096], start[sizeof(good_start)] = "";
	size_t seen = 0;
	for (ssize_t got; (got = read(fd, part, sizeof(part))) > 0;) {
		for (ssize_t i = 0; i < got && seen < sizeof(good_start) - 1; i++)
			start[seen++] = part[i];
		if (out)
			fwrite(part, 1, (size_t)got, out);
		if (part[got - 1] == '\n')
			break;
	}
	if (!seen)
		log_error("ctl: the sensor closed the connection without an answer");
	return strcmp(start, good_start) == 0;
}

// Commands that take arguments, in the order they are given.
static const struct {
	const char *command;
	unsigned count;
	const char *arguments[ARGUMENTS_MAX];
} with_arguments[] = {
	{ "reload", 1, { "mode" } },
	{ "dataset-add", 3, { "setname", "settype", "datavalue" } },
	{ "dataset-remove", 3, { "setname", "settype", "datavalue" } },
	{ "dataset-lookup", 3, { "setname", "settype", "datavalue" } },
	{ "dataset-clear", 2, { "setname", "settype" } },
};

// The request as a line; NULL: these are not the arguments of the command, or no text.
static char *request_line(const char *const *words, unsigned count)
{
	json_t *object = json_pack("{s:s}", "command", words[0]), *arguments = json_object();
	unsigned expected = 0;
	for (size_t i = 0; i < sizeof(with_arguments) / sizeof(with_arguments[0]); i++) {
		if (strcmp(words[0], with_arguments[i].command) != 0)
			continue;
		expected = with_arguments[i].count;
		for (unsigned k = 0; k < expected && k + 1 < count; k++)
			json_object_set_new(arguments, with_arguments[i].arguments[k], json_string(words[k + 1]));
	}
	bool bare = count == 1 && strcmp(words[0], "reload") == 0; // its argument may be left out
	bool good = object && (bare || (json_object_size(arguments) == expected && count == expected + 1));
	if (good && expected && !bare)
		json_object_set(object, "arguments", arguments);
	char *line = good ? json_dumps(object, JSON_COMPACT) : NULL;
	json_decref(arguments);
	json_decref(object);
	return line;
}

static bool ask(int fd, char *line, FILE *out)
{
	size_t len = strlen(line);
	line[len] = '\n'; // in place of the zero
	return write_all(fd, line, len + 1) && show_answer(fd, out);
}

enum ctl_result ctl_ask_reload(const char *path, enum ctl_reload what)
{
	char rules[] = "{\"command\":\"reload\",\"arguments\":{\"mode\":\"partial\"}}";
	char indicators[] = "{\"command\":\"reload\",\"arguments\":{\"mode\":\"indicators\"}}";
	int fd = connect_to(path);
	if (fd < 0)
		return CTL_NO_SENSOR;
	bool good = ask(fd, what == CTL_RELOAD_RULES ? rules : indicators, NULL);
	close(fd);
	return good ? CTL_DONE : CTL_REFUSED;
}

int ctl_main(int argc, char **argv)
{
	const char *words[ARGUMENTS_MAX + 1], *path = CTL_SOCKET_PRESET;
	unsigned count = 0;
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--socket") == 0 && i + 1 < argc) {
			path = argv[++i];
		} else if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0) {
			fputs(ctl_usage, stdout);
			return 0;
		} else if ((argv[i][0] == '-' && !count) || count == ARGUMENTS_MAX + 1) {
			log_error("ctl: %s is not understood (sekisho ctl --help)", argv[i]);
			return 2;
		} else {
			words[count++] = argv[i];
		}
	}
	char *line = count ? request_line(words, count) : NULL;
	if (!line) {
		fputs(ctl_usage, stderr);
		return 2;
	}
	int fd = connect_to(path);
	if (fd < 0) {
		log_error("ctl: %s: %s", path, strerror(errno));
		free(line);
		return 1;
	}
	bool good = ask(fd, line, stdout);
	free(line);
	close(fd);
	return good ? 0 : 1;
}
