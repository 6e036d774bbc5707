// SPDX-License-Identifier: GPL-3.0-or-later
// Control dataset: the commands on sets of values: dataset-add, -remove, -lookup (setname, settype, datavalue: strings in base64, hashes in hex),
// dataset-add-json (datajson too: an object for alerts),
// dataset-clear (setname, settype) and dataset-dump (writes the sets that have a file).
// Threads      the control thread, while workers use the sets
#pragma once
#include "sensor/manage/request.h"
#include "sensor/reload/reload.h"

#define CONTROL_DATASET_ANSWER 256

// Is it one of these commands? Then it is done; *good and the text say what came of it.
bool control_dataset(
	struct reload *reload, const struct control_request *request, bool *good, char answer[CONTROL_DATASET_ANSWER]);
