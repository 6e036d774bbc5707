// SPDX-License-Identifier: GPL-3.0-or-later
// EVE of a mail, whatever protocol carries it: the object "email".
//
// Threads      none
#pragma once
#include "decoders/app/mime/mime.h"
#include "export/eve/eve_app.h"

// tx carries mail, and its files.
void eve_email(struct json *json, const struct eve_config *config, const struct mime *mail, const struct app_tx *tx);
