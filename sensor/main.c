// SPDX-License-Identifier: GPL-3.0-or-later
// The program: command line and configuration into a run. Exit codes: 0 done, 1 run-time fault, 2 bad command line or configuration.
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "decoders/base/log.h"
#include "sensor/config/configure.h"
#include "sensor/hunt/hunt.h"
#include "sensor/intel/intel_command.h"
#include "sensor/manage/ctl.h"
#include "sensor/rules/rules_command.h"
#include "sensor/run/sensor_run.h"
#include "sensor/process/signals.h"

#define MMAP_FROM_BYTES (128 << 10)

static bool make_directory(const char *path)
{
	struct stat about;
	if (mkdir(path, 0750) == 0 || (errno == EEXIST && stat(path, &about) == 0 && S_ISDIR(about.st_mode)))
		return true;
	const char *reason = errno == EEXIST   ? "not a directory"
			     : errno == ENOENT ? "the folder above it does not exist"
					       : strerror(errno);
	log_error("%s: %s", path, reason);
	return false;
}

// False: told. What an earlier run left there is written over.
static bool write_pid_file(const char *path)
{
	FILE *file = fopen(path, "w");
	bool good = file && fprintf(file, "%ld\n", (long)getpid()) > 0;
	if (file && fclose(file) != 0)
		good = false;
	if (!good)
		log_error("pid-file %s: %s", path, strerror(errno));
	return good;
}

static int run(struct sensor_config *config, const struct command_line *command)
{
	const char *const *interfaces = command->interfaces;
	const char *configured[COMMAND_MANY_MAX + 1] = { 0 };
	if (!command->read_path && !command->interface_count) {
		for (size_t i = 0; i < config->process.interfaces.count && i < COMMAND_MANY_MAX; i++)
			configured[i] = config->process.interfaces.values[i];
		interfaces = configured;
	}
	if (!command->read_path && !interfaces[0] && !command->test_only) {
		log_error("nothing to read: give -r FILE or -i IFACE (sekisho --help)");
		return RUN_BAD_CONFIG;
	}
	if (!command->test_only &&
		(config->sink.file_enabled || config->evidence.packets_enabled || config->file_store.enabled) &&
		config->sink.directory && !make_directory(config->sink.directory))
		return RUN_FAULT;
	struct run_options options = {
		.config = config,
		.command = command,
		.read_path = command->read_path,
		.interfaces = interfaces,
		.only_rules = command->only_rules,
		.more_rules = command->more_rules,
		.simulate_ips = command->simulate_ips,
		.test_only = command->test_only,
		.progress = isatty(STDERR_FILENO),
		.quiet = command->quiet,
	};
	const char *pid_file = config->process.pid_file && !command->test_only ? config->process.pid_file : NULL;
	if (config->process.user || config->process.group)
		log_warning("run-as: privileges are not dropped yet; the sensor goes on as the user who started it");
	if (pid_file && !write_pid_file(pid_file))
		return RUN_FAULT;
	signals_install();
	int result = (int)sensor_run(&options);
	if (pid_file)
		unlink(pid_file);
	return result;
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "ctl") == 0)
		return ctl_main(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "rules") == 0)
		return rules_command(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "intel") == 0)
		return intel_command(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "hunt") == 0)
		return hunt_command(argc - 1, argv + 1);
	struct command_line command;
	switch (command_line_parse(&command, argc, argv)) {
	case COMMAND_DONE: return RUN_OK;
	case COMMAND_BAD: return RUN_BAD_CONFIG;
	case COMMAND_RUN: break;
	}
	if (command.print_default) {
		config_write_default(stdout);
		return RUN_OK;
	}
	// Blocks that make up generations of rules go back to the system when they are freed, also after some were
	mallopt(M_MMAP_THRESHOLD, MMAP_FROM_BYTES);
	static struct sensor_config config;
	config_init(&config);
	int result = RUN_BAD_CONFIG;
	if (configure(&config, &command)) {
		if (command.dump) {
			config_dump(&config, stdout);
			result = RUN_OK;
		} else {
			result = run(&config, &command);
		}
	}
	config_fini(&config);
	return result;
}
