// SPDX-License-Identifier: GPL-3.0-or-later
// Settings of HTTP/1 to libhtp's configuration.
#include "decoders/app/http/decompress.h"
#include "decoders/app/http/http_internal.h"
#include "decoders/base/log.h"
#include <stdlib.h>

#define DEFAULTS "libhtp.default-config."

static const struct {
	const char *name;
	enum htp_server_personality_t personality;
} personalities[] = {
	{ "Minimal", HTP_SERVER_MINIMAL },
	{ "Generic", HTP_SERVER_GENERIC },
	{ "IDS", HTP_SERVER_IDS },
	{ "IIS_4_0", HTP_SERVER_IIS_4_0 },
	{ "IIS_5_0", HTP_SERVER_IIS_5_0 },
	{ "IIS_5_1", HTP_SERVER_IIS_5_1 },
	{ "IIS_6_0", HTP_SERVER_IIS_6_0 },
	{ "IIS_7_0", HTP_SERVER_IIS_7_0 },
	{ "IIS_7_5", HTP_SERVER_IIS_7_5 },
	{ "Apache_2", HTP_SERVER_APACHE_2 },
};

static bool set_personality(htp_cfg_t *cfg, const struct app_config *config)
{
	const char *name = app_setting(config, "http", DEFAULTS "personality");
	if (!name)
		name = "IDS";
	for (size_t i = 0; i < sizeof personalities / sizeof *personalities; i++)
		if (!strcasecmp(name, personalities[i].name))
			return htp_config_set_server_personality(cfg, personalities[i].personality) == HTP_OK;
	log_error("app-layer.protocols.http." DEFAULTS "personality: unknown value '%s'", name);
	return false;
}

static int setting_count(const struct app_config *config, const char *key, int preset)
{
	const char *text = app_setting(config, "http", key);
	return text ? (int)strtol(text, NULL, 10) : preset;
}

static void set_limits(htp_cfg_t *cfg, const struct app_config *config)
{
	htp_config_set_field_limits(cfg, 9000, app_setting_size(config, "http", DEFAULTS "meta-field-limit", 18000));
	htp_config_set_number_headers_limit(cfg, (uint32_t)setting_count(config, DEFAULTS "headers-limit", 1024));
}

static bool make_decompression(struct http_worker *worker, const struct app_config *config, struct slab *slab)
{
	const struct decompress_limits limits = {
		.bomb_bytes = app_setting_size(config, "http", DEFAULTS "compression-bomb-limit", 1u << 20),
		.lzma_memory = app_setting_size(config, "http", DEFAULTS "lzma-memlimit", 1u << 20),
	};
	int layers = setting_count(config, DEFAULTS "response-body-decompress-layer-limit", 2);
	worker->layer_limit = layers > 0 ? (unsigned)layers : 0;
	worker->lzma_enabled = app_setting_bool(config, "http", DEFAULTS "lzma-enabled", false);
	worker->pool = decompress_pool_new(slab, &limits);
	return worker->pool != NULL;
}

struct http_worker *http_worker_new(const struct app_config *config, const struct app_worker *parts)
{
	struct http_worker *worker = calloc(1, sizeof *worker);
	if (!worker)
		return NULL;
	worker->body_limit[TO_SERVER] = app_setting_size(config, "http", DEFAULTS "request-body-limit", 100u << 10);
	worker->body_limit[TO_CLIENT] = app_setting_size(config, "http", DEFAULTS "response-body-limit", 100u << 10);
	worker->double_decode_path = app_setting_bool(config, "http", DEFAULTS "double-decode-path", false);
	worker->double_decode_query = app_setting_bool(config, "http", DEFAULTS "double-decode-query", false);
	worker->files = parts->files;
	worker->cfg = htp_config_create();
	if (!worker->cfg || !make_decompression(worker, config, parts->slab) || !set_personality(worker->cfg, config)) {
		http_worker_free(worker);
		return NULL;
	}
	htp_config_set_convert_lowercase(
		worker->cfg, HTP_DECODER_URL_PATH, 0); // of no personality: rules tell cases apart
	htp_config_set_tx_auto_destroy(worker->cfg, 0);
	htp_config_set_log_level(worker->cfg, HTP_LOG_WARNING);
	htp_config_set_request_decompression(
		worker->cfg, 0); // decompress.h does it: pooled, bounded, and lenient alike
	htp_config_set_response_decompression(worker->cfg, 0);
	htp_config_set_parse_request_auth(worker->cfg, 1);
	htp_config_set_parse_request_cookies(worker->cfg, 0);
	htp_config_set_plusspace_decode(worker->cfg, HTP_DECODER_URLENCODED, 0);
	set_limits(worker->cfg, config);
	http_hooks_register(worker->cfg);
	return worker;
}

void http_worker_free(struct http_worker *worker)
{
	if (!worker)
		return;
	if (worker->cfg)
		htp_config_destroy(worker->cfg);
	decompress_pool_free(worker->pool);
	free(worker);
}
