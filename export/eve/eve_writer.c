// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/eve/eve_writer.h"
#include <stdlib.h>
#include <strings.h>
#include "decoders/base/log.h"
#include "export/eve/eve_app.h"

static bool is_no(const char *value)
{
	return value && (strcasecmp(value, "no") == 0 || strcasecmp(value, "false") == 0 ||
				strcasecmp(value, "off") == 0 || strcmp(value, "0") == 0);
}

struct eve_writer *eve_writer_new(
	const struct eve_config *config, const struct address_set *home, const struct engine_worker *engine)
{
	struct eve_writer *writer = calloc(1, sizeof(*writer));
	if (!writer)
		return NULL;
	writer->config = config;
	writer->home = home;
	writer->engine = engine;
	writer->payload_size = (uint32_t)config->payload_buffer_bytes;
	writer->payload = malloc(writer->payload_size + 1);
	bool good = writer->payload != NULL;
	if (good && config->community_id) {
		writer->community = community_hasher_new((uint16_t)config->community_id_seed);
		good = writer->community != NULL;
		if (!good)
			log_error("community ids need SHA-1, which this OpenSSL does not give");
	}
	if (good && (config->geo_country || config->geo_asn))
		good = (writer->geo = geo_new(config->geo_country, config->geo_asn)) != NULL;
	for (const struct eve_app *const *app = eve_apps; *app; app++)
		writer->app_off[(*app)->proto] = is_no(eve_setting(config, (*app)->event_type, "enabled"));
	if (!good) {
		eve_writer_free(writer);
		return NULL;
	}
	return writer;
}

void eve_writer_free(struct eve_writer *writer)
{
	if (!writer)
		return;
	community_hasher_free(writer->community);
	geo_free(writer->geo);
	free(writer->interface);
	free(writer->file);
	free(writer->payload);
	free(writer);
}

void eve_writer_set_engine(
	struct eve_writer *writer, const struct engine_worker *engine, const struct address_set *home)
{
	writer->home = home;
	writer->engine = engine;
}

void eve_writer_set_source(struct eve_writer *writer, const char *interface, const char *file)
{
	free(writer->interface);
	free(writer->file);
	writer->interface = interface ? strdup(interface) : NULL;
	writer->file = file ? strdup(file) : NULL;
}
