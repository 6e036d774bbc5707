// SPDX-License-Identifier: GPL-3.0-or-later
// Configure: the configuration a command line asks for: presets, then -c, then --set in order, then what -k, -l and --simulate-ips mean.
#pragma once
#include "sensor/config/config.h"
#include "sensor/process/command_line.h"

// Fills config, which config_init made. False: told on standard error.
bool configure(struct sensor_config *config, const struct command_line *command);
