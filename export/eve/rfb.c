// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/eve/rfb.h"
#include <stdio.h>
#include "decoders/app/rfb/rfb.h"

static void put_version(struct json *json, const char *key, const struct rfb_version *version)
{
	if (!version->known)
		return;
	json_put_object(json, key);
	json_put_text(json, "major", version->major);
	json_put_text(json, "minor", version->minor);
	json_object_end(json);
}

static void put_authentication(struct json *json, const struct rfb_tx *tx)
{
	static const char *const results[] = { "OK", "FAIL", "TOOMANY" };
	char unknown[32];
	json_put_object(json, "authentication");
	json_put_uint(json, "security_type", tx->security);
	if (tx->has_challenge) {
		json_put_object(json, "vnc");
		json_put_hex(json, "challenge", span_of(tx->challenge, sizeof(tx->challenge)), 0);
		if (tx->has_response)
			json_put_hex(json, "response", span_of(tx->response, sizeof(tx->response)), 0);
		json_object_end(json);
	}
	if (tx->has_result) {
		snprintf(unknown, sizeof(unknown), "UNKNOWN (%u)", tx->result);
		json_put_text(json, "security_result", tx->result < 3 ? results[tx->result] : unknown);
	}
	json_object_end(json);
}

static void put_screen(struct json *json, const struct rfb_tx *tx)
{
	const struct rfb_pixels *p = &tx->pixels;
	json_put_object(json, "framebuffer");
	json_put_uint(json, "width", tx->width);
	json_put_uint(json, "height", tx->height);
	json_put_span(json, "name", span_of(tx->name.bytes, tx->name.len));
	json_put_object(json, "pixel_format");
	json_put_uint(json, "bits_per_pixel", p->bits);
	json_put_uint(json, "depth", p->depth);
	json_put_bool(json, "big_endian", p->big_endian);
	json_put_bool(json, "true_color", p->true_color);
	json_put_uint(json, "red_max", p->red_max);
	json_put_uint(json, "green_max", p->green_max);
	json_put_uint(json, "blue_max", p->blue_max);
	json_put_uint(json, "red_shift", p->red_shift);
	json_put_uint(json, "green_shift", p->green_shift);
	json_put_uint(json, "blue_shift", p->blue_shift);
	json_object_end(json);
	json_object_end(json);
}

static bool write_rfb(struct json *json, const struct eve_config *config, const struct flow *flow,
	const struct app_tx *tx, unsigned part, bool in_alert)
{
	(void)config, (void)flow, (void)in_alert;
	if (part)
		return false;
	const struct rfb_tx *mine = rfb_tx_of(tx);
	json_put_object(json, "rfb");
	put_version(json, "server_protocol_version", &mine->server);
	put_version(json, "client_protocol_version", &mine->client);
	if (mine->has_security)
		put_authentication(json, mine);
	if (mine->has_shared)
		json_put_bool(json, "screen_shared", mine->shared);
	if (mine->has_screen)
		put_screen(json, mine);
	json_object_end(json);
	return true;
}

const struct eve_app eve_rfb = { .proto = APP_RFB, .event_type = "rfb", .write = write_rfb };
