// SPDX-License-Identifier: GPL-3.0-or-later
// Ask reload: what a verb that changed something does last: asks the sensor that runs with this configuration to use it.
#pragma once
#include "sensor/config/config.h"
#include "sensor/manage/ctl.h"

// False: it refused (told). A sensor that is not there is no fault.
bool ask_reload(const struct sensor_config *config, enum ctl_reload what);
