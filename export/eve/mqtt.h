// SPDX-License-Identifier: GPL-3.0-or-later
// EVE of MQTT: an event a transaction, an object a message.
//
// Threads      const tables
#pragma once
#include "export/eve/eve_app.h"

extern const struct eve_app eve_mqtt;
