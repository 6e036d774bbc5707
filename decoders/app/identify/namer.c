// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/identify/namer.h"
#include <ndpi/ndpi_api.h>
#include <stdio.h>
#include <stdlib.h>
#include "decoders/base/clock.h"

#define NAMES_MAX 1024 // different pairs of protocols named in a run; further pairs share the last entry

struct name {
	uint16_t master, proto, category;
	char text[64];
	const char *category_text;
};

// One flow being looked at; the library's struct follows.
struct look {
	struct look *next_free;
	uint32_t packets;
	struct ndpi_flow_struct *flow;
};

struct app_namer {
	struct ndpi_detection_module_struct *module;
	uint64_t packets;
	uint64_t made, max_flows;
	struct look *free_looks;
	uint32_t name_count;
	struct name names[NAMES_MAX];
};

static struct ndpi_detection_module_struct *open_module(void)
{
	struct ndpi_detection_module_struct *module = ndpi_init_detection_module(ndpi_no_prefs);
	if (!module)
		return NULL;
	NDPI_PROTOCOL_BITMASK all;
	NDPI_BITMASK_SET_ALL(all);
	ndpi_set_protocol_detection_bitmask2(module, &all);
	ndpi_finalize_initialization(module);
	return module;
}

struct app_namer *app_namer_new(uint64_t packets, uint64_t max_flows)
{
	struct app_namer *namer = calloc(1, sizeof(*namer));
	if (!namer)
		return NULL;
	namer->packets = packets;
	namer->max_flows = max_flows;
	namer->module = open_module();
	if (namer->module)
		return namer;
	free(namer);
	return NULL;
}

void app_namer_free(struct app_namer *namer)
{
	if (!namer)
		return;
	while (namer->free_looks) {
		struct look *look = namer->free_looks;
		namer->free_looks = look->next_free;
		free(look);
	}
	ndpi_exit_detection_module(namer->module);
	free(namer);
}

static struct look *take_look(struct app_namer *namer)
{
	struct look *look = namer->free_looks;
	size_t flow_size = ndpi_detection_get_sizeof_ndpi_flow_struct();
	if (look) {
		namer->free_looks = look->next_free;
	} else {
		look = namer->made < namer->max_flows ? malloc(sizeof(*look) + flow_size) : NULL;
		if (!look)
			return NULL;
		namer->made++;
	}
	memset(look, 0, sizeof(*look) + flow_size);
	look->flow = (struct ndpi_flow_struct *)(look + 1);
	return look;
}

static void give_back(struct app_namer *namer, struct look *look)
{
	ndpi_free_flow_data(look->flow);
	look->next_free = namer->free_looks;
	namer->free_looks = look;
}

void app_namer_drop(struct app_namer *namer, struct flow *flow)
{
	if (!flow->names || flow->app.ndpi_proto)
		return;
	give_back(namer, flow->names);
	flow->names = NULL;
}

static struct name *name_of(struct app_namer *namer, ndpi_protocol found)
{
	for (uint32_t i = 0; i < namer->name_count; i++) {
		struct name *n = &namer->names[i];
		if (n->master == found.master_protocol && n->proto == found.app_protocol &&
			n->category == found.category)
			return n;
	}
	if (namer->name_count == NAMES_MAX)
		return &namer->names[NAMES_MAX - 1];
	struct name *n = &namer->names[namer->name_count++];
	n->master = found.master_protocol;
	n->proto = found.app_protocol;
	n->category = (uint16_t)found.category;
	const char *app = ndpi_get_proto_name(namer->module, found.app_protocol);
	const char *master = ndpi_get_proto_name(namer->module, found.master_protocol);
	if (found.app_protocol == NDPI_PROTOCOL_UNKNOWN)
		snprintf(n->text, sizeof(n->text), "%s", master);
	else if (found.master_protocol == NDPI_PROTOCOL_UNKNOWN || found.master_protocol == found.app_protocol)
		snprintf(n->text, sizeof(n->text), "%s", app);
	else
		snprintf(n->text, sizeof(n->text), "%s.%s", master, app);
	n->category_text = ndpi_category_get_name(namer->module, found.category);
	return n;
}

static bool is_named(ndpi_protocol found)
{
	return found.app_protocol != NDPI_PROTOCOL_UNKNOWN || found.master_protocol != NDPI_PROTOCOL_UNKNOWN;
}

static enum app_naming finish(struct app_namer *namer, struct flow *flow, struct look *look, ndpi_protocol found)
{
	struct app_flow *a = &flow->app;
	a->ndpi_risks = look->flow->risk;
	give_back(namer, look);
	flow->names = NULL;
	if (!is_named(found))
		return NAMING_FAILED;
	a->ndpi_master = found.master_protocol;
	a->ndpi_proto = found.app_protocol ? found.app_protocol : found.master_protocol;
	a->ndpi_category = (uint16_t)found.category;
	flow->names = name_of(namer, found);
	return NAMING_NAMED;
}

static enum app_naming give_up(struct app_namer *namer, struct flow *flow, struct look *look)
{
	uint8_t guessed = 0;
	return finish(namer, flow, look, ndpi_detection_giveup(namer->module, look->flow, 0, &guessed));
}

enum app_naming app_namer_look(struct app_namer *namer, struct flow *flow, const struct packet *packet)
{
	if (flow->app.ndpi_proto)
		return NAMING_NAMED;
	if (!packet->ip || packet->ip_len > UINT16_MAX)
		return NAMING_MORE;
	struct look *look = flow->names ? flow->names : take_look(namer);
	if (!look)
		return NAMING_OVER_BUDGET;
	flow->names = look;
	ndpi_protocol found = ndpi_detection_process_packet(namer->module, look->flow, packet->ip,
		(unsigned short)packet->ip_len, packet->ts_ns / (NS_PER_S / 1000));
	if (is_named(found))
		return finish(namer, flow, look, found);
	return ++look->packets < namer->packets ? NAMING_MORE : give_up(namer, flow, look);
}

enum app_naming app_namer_end(struct app_namer *namer, struct flow *flow)
{
	if (!flow->names || flow->app.ndpi_proto)
		return flow->names ? NAMING_NAMED : NAMING_FAILED;
	return give_up(namer, flow, flow->names);
}

bool app_layer_ndpi_names(const struct flow *flow, struct app_ndpi_names *out)
{
	if (!flow->app.ndpi_proto || !flow->names)
		return false;
	const struct name *name = flow->names;
	*out = (struct app_ndpi_names) { name->text, name->category_text };
	return true;
}

const char *app_layer_ndpi_risk(unsigned bit)
{
	return bit > NDPI_NO_RISK && bit < NDPI_MAX_RISK ? ndpi_risk2str((ndpi_risk_enum)bit) : NULL;
}
