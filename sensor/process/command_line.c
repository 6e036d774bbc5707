// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/process/command_line.h"
#include <getopt.h>
#include <stdio.h>
#include "decoders/base/log.h"

static const char usage[] =
	"Sekisho " SEKISHO_VERSION ": network sensor (IDS, NDR, IPS)\n"
	"\n"
	"  sekisho -r FILE|DIR [options]      read capture files (pcap, pcapng, gzip'd too)\n"
	"  sekisho -i IFACE [-i IFACE ...]    capture live\n"
	"  sekisho ctl COMMAND [--socket PATH]  ask a running sensor (sekisho ctl --help)\n"
	"  sekisho rules VERB ...             check, test and keep rules (sekisho rules --help)\n"
	"  sekisho intel VERB ...             keep and look up indicators (sekisho intel --help)\n"
	"  sekisho hunt VALUE ...             look back: who met a name, address, URL, hash ... (sekisho hunt --help)\n"
	"\n"
	"  -c FILE            configuration (YAML); without it the presets are used\n"
	"  -S RULES           only these rules: a file (gzip'd too), a pattern such as 'rules/*.rules', or a folder "
	"(its *.rules)\n"
	"  -s RULES           these rules too (may be repeated)\n"
	"  -l DIR             where events go: DIR/eve.json (else the config's default-log-dir)\n"
	"  -k all|none|auto   verify checksums: always, never, or not where most are wrong (auto, the preset)\n"
	"  --set KEY=VALUE    set one option, as in the config file (may be repeated)\n"
	"  --simulate-ips     treat captures as if inline: drop rules drop\n"
	"  -T                 test configuration and rules, then end\n"
	"  --dump-config      print the whole configuration in force, then end\n"
	"  --default-config   print the commented default configuration, then end\n"
	"  -v                 more messages (may be repeated)\n"
	"  --quiet            no summary at the end\n"
	"  -V, --version      print the version\n"
	"  -h, --help         this text\n"
	"\n"
	"Signals: SIGINT and SIGTERM end the run (twice: at once), SIGHUP reads configuration, rule files and lists "
	"again.\n"
	"Exit codes: 0 done, 1 run-time fault, 2 bad command line or configuration.\n";

enum long_option { OPT_SET = 256, OPT_SIMULATE, OPT_DUMP, OPT_DEFAULT, OPT_QUIET };

static const struct option long_options[] = {
	{ "set", required_argument, NULL, OPT_SET },
	{ "simulate-ips", no_argument, NULL, OPT_SIMULATE },
	{ "dump-config", no_argument, NULL, OPT_DUMP },
	{ "default-config", no_argument, NULL, OPT_DEFAULT },
	{ "quiet", no_argument, NULL, OPT_QUIET },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

static bool add(const char **list, unsigned *count, const char *value, const char *flag)
{
	if (*count == COMMAND_MANY_MAX) {
		log_error("%s is given more than %d times", flag, COMMAND_MANY_MAX);
		return false;
	}
	list[(*count)++] = value;
	return true;
}

static bool once(const char **value, const char *flag)
{
	if (*value) {
		log_error("%s is given twice", flag);
		return false;
	}
	*value = optarg;
	return true;
}

static enum command_result take(struct command_line *command, int option)
{
	bool good = true;
	switch (option) {
	case 'r': good = once(&command->read_path, "-r"); break;
	case 'i': good = add(command->interfaces, &command->interface_count, optarg, "-i"); break;
	case 'c': command->config_file = optarg; break;
	case 'S': good = once(&command->only_rules, "-S"); break;
	case 's': good = add(command->more_rules, &command->rule_count, optarg, "-s"); break;
	case 'l': command->directory = optarg; break;
	case 'k': command->checksums = optarg; break;
	case 'T': command->test_only = true; break;
	case 'v': command->verbose++; break;
	case OPT_SET: good = add(command->sets, &command->set_count, optarg, "--set"); break;
	case OPT_SIMULATE: command->simulate_ips = true; break;
	case OPT_DUMP: command->dump = true; break;
	case OPT_DEFAULT: command->print_default = true; break;
	case OPT_QUIET: command->quiet = true; break;
	case 'V': printf("Sekisho %s\n", SEKISHO_VERSION); return COMMAND_DONE;
	case 'h': fputs(usage, stdout); return COMMAND_DONE;
	case 'q': log_error("-q: capture from NFQUEUE is not there yet"); return COMMAND_BAD;
	default: fprintf(stderr, "Try `sekisho --help`.\n"); return COMMAND_BAD;
	}
	return good ? COMMAND_RUN : COMMAND_BAD;
}

enum command_result command_line_parse(struct command_line *command, int argc, char **argv)
{
	*command = (struct command_line) { 0 };
	for (int option; (option = getopt_long(argc, argv, "r:i:q:c:S:s:l:k:TvVh", long_options, NULL)) != -1;) {
		enum command_result result = take(command, option);
		if (result != COMMAND_RUN)
			return result;
	}
	if (optind < argc) {
		log_error("%s: not an option; captures are read with -r", argv[optind]);
		return COMMAND_BAD;
	}
	if (command->read_path && command->interface_count) {
		log_error("-r and -i exclude each other");
		return COMMAND_BAD;
	}
	return COMMAND_RUN;
}
