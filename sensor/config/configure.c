// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/config/configure.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "decoders/base/log.h"

static void replace(char **text, const char *with)
{
	free(*text);
	*text = strdup(with);
}

// -k is about the decoder and about what TCP sessions do with bad packets.
static bool set_checksums(struct sensor_config *config, const char *mode, struct config_error *error)
{
	static const struct {
		const char *name;
		int mode;
	} modes[] = { { "all", CHECKSUM_ALL }, { "none", CHECKSUM_NONE }, { "auto", CHECKSUM_AUTO } };
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (strcmp(mode, modes[i].name) != 0)
			continue;
		config->packet.checksum_mode = modes[i].mode;
		config->stream.checksum_validation =
			modes[i].mode != CHECKSUM_NONE && config->stream.checksum_validation;
		return true;
	}
	snprintf(error->text, sizeof(error->text), "-k %.80s: expected all, none or auto", mode);
	return false;
}

bool configure_again(struct sensor_config *config, const struct command_line *command, struct config_error *error)
{
	struct config_error reason;
	if (command->config_file && !config_load(config, command->config_file, error))
		return false;
	for (unsigned i = 0; i < command->set_count; i++) {
		if (!config_set_text(config, command->sets[i], &reason)) {
			snprintf(error->text, sizeof(error->text), "--set %.200s: %.400s", command->sets[i],
				reason.text);
			return false;
		}
	}
	if (command->checksums && !set_checksums(config, command->checksums, error))
		return false;
	if (command->directory)
		replace(&config->sink.directory, command->directory);
	else if (!config->sink.directory && config->process.directory)
		replace(&config->sink.directory, config->process.directory);
	if (command->simulate_ips) {
		config->stream.inline_mode = true;
		config->engine.drops_enabled = true;
		config->eve.simulate_ips = true;
	}
	config->engine.inline_mode = config->stream.inline_mode;
	return true;
}

void configure_log(const struct sensor_config *config, const struct command_line *command)
{
	log_set_level((enum log_level)(config->process.log_level + (int)command->verbose));
}

bool configure(struct sensor_config *config, const struct command_line *command)
{
	struct config_error error;
	if (!configure_again(config, command, &error)) {
		log_error("%s", error.text);
		return false;
	}
	configure_log(config, command);
	return true;
}
