// SPDX-License-Identifier: GPL-3.0-or-later
// Config: every setting of the sensor, from presets, a YAML file and --set. schema.c joins the modules' option tables; all that is read,
// printed or refused here follows from them.
//
// Life cycle   config_init -> config_load / config_set ... -> borrowed by the modules -> config_fini
// Memory       strings, lists and maps are the config's own (malloc); a file has at most CONFIG_FILE_MAX bytes, CONFIG_DEPTH_MAX levels and
//              CONFIG_SETTINGS_MAX settings
// Threads      written by one thread; read-only once workers start
// Sources      YAML 1.1 by libyaml; anchors, aliases and tags have no use here and are refused
#pragma once
#include <stdio.h>
#include "decoders/app/app_layer.h"
#include "decoders/flow/flow_table.h"
#include "decoders/packet/decoder.h"
#include "decoders/stream/tcp_session.h"
#include "export/eve/eve.h"
#include "export/evidence/file_store.h"
#include "export/evidence/pcap_evidence.h"
#include "export/sink/sink.h"
#include "sensor/capture/capture.h"
#include "sensor/config/process_options.h"
#include "sensor/config/rule_options.h"
#include "sensor/fetch/fetch.h"
#include "sensor/sightings/sightings_options.h"
#include "signatures/behaviour/behaviour.h"
#include "signatures/engine/engine.h"
#include "signatures/heuristics/heuristics.h"
#include "signatures/reputation/reputation.h"

#define CONFIG_FILE_MAX     (4u << 20)
#define CONFIG_DEPTH_MAX    16
#define CONFIG_SETTINGS_MAX 20000
#define CONFIG_KEY_MAX      256   // bytes of a dotted key
#define CONFIG_VALUE_MAX    65536 // bytes of a value
#define CONFIG_LIST_MAX     4096  // items of a list

struct sensor_config {
	struct packet_config packet;
	struct flow_config flow;
	struct stream_config stream;
	struct app_config app;
	struct rule_config rules;
	struct engine_config engine;
	struct reputation_config reputation;
	struct heuristics_config heuristics;
	struct behaviour_config behaviour;
	struct eve_config eve;
	struct sink_config sink;
	struct evidence_config evidence;
	struct file_store_config file_store;
	struct capture_config capture;
	struct process_config process;
	struct fetch_config fetch;
	struct sightings_config sightings;
};

// What was wrong, and what was expected; "file:line:column: " before it when it came from a file.
struct config_error {
	char text[640];
};

// All presets.
void config_init(struct sensor_config *config);
void config_fini(struct sensor_config *config);
// The same on the heap. NULL: no memory; free takes it.
struct sensor_config *config_new(void);
void config_free(struct sensor_config *config);

// Sets one option: a key of the schema, "LIST.N" for one item of a list, "MAP.anything" below a map. False: unknown key (the nearest one is
// named) or a value the option does not take; nothing changed then.
bool config_set(struct sensor_config *config, const char *key, const char *value, struct config_error *error);
// The same from "KEY=VALUE".
bool config_set_text(struct sensor_config *config, const char *text, struct config_error *error);

// Reads a YAML file over what is set so far. False at its first mistake; settings before it stay set.
bool config_load(struct sensor_config *config, const char *path, struct config_error *error);
bool config_load_bytes(
	struct sensor_config *config, const char *name, const void *bytes, size_t len, struct config_error *error);

// Writes YAML that config_load reads back to an equal config.
void config_dump(const struct sensor_config *config, FILE *out);
// The complete default file: every option with its help, preset, range and what a change needs. appliance/sekisho.yaml is this.
void config_write_default(FILE *out);
