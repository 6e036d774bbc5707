// SPDX-License-Identifier: GPL-3.0-or-later
// Configure: the configuration a command line asks for: presets, then -c, then --set in order, then what -k, -l and --simulate-ips mean.
#pragma once
#include "sensor/config/config.h"
#include "sensor/process/command_line.h"

// Fills config, which config_init made. False: told on standard error.
bool configure(struct sensor_config *config, const struct command_line *command);
// The same for a reload: nothing is logged, and the level of the log stays. config may be half filled on false.
bool configure_again(struct sensor_config *config, const struct command_line *command, struct config_error *error);
// Has the log tell what config and command want told.
void configure_log(const struct sensor_config *config, const struct command_line *command);
