// SPDX-License-Identifier: GPL-3.0-or-later
// The list of protocols that have an event of their own, by hand: a protocol is added with its header and one line here.
#include "export/eve/dcerpc.h"
#include "export/eve/dnp3.h"
#include "export/eve/modbus.h"
#include "export/eve/ike.h"
#include "export/eve/nfs.h"
#include "export/eve/enip.h"
#include "export/eve/dns.h"
#include "export/eve/eve_app.h"
#include "export/eve/fact.h"
#include "export/eve/ftp.h"
#include "export/eve/http.h"
#include "export/eve/imap.h"
#include "export/eve/http2.h"
#include "export/eve/mqtt.h"
#include "export/eve/dhcp.h"
#include "export/eve/dht.h"
#include "export/eve/ldap.h"
#include "export/eve/quic.h"
#include "export/eve/ntp.h"
#include "export/eve/pgsql.h"
#include "export/eve/rdp.h"
#include "export/eve/rfb.h"
#include "export/eve/pop3.h"
#include "export/eve/sip.h"
#include "export/eve/krb5.h"
#include "export/eve/smb.h"
#include "export/eve/smtp.h"
#include "export/eve/ssh.h"
#include "export/eve/snmp.h"
#include "export/eve/tftp.h"
#include "export/eve/tls.h"
#include "export/eve/websocket.h"
#include <string.h>

#define FACT_ENTRY(proto, name) &eve_##name,

const struct eve_app *const eve_apps[] = {
	FACT_EVENTS(FACT_ENTRY) //
		& eve_http,
	&eve_http2,
	&eve_doh2,
	&eve_dns,
	&eve_mdns,
	&eve_llmnr,
	&eve_nbns,
	&eve_smb,
	&eve_dcerpc,
	&eve_krb5,
	&eve_tls,
	&eve_mqtt,
	&eve_ftp,
	&eve_ftp_data,
	&eve_sip,
	&eve_smtp,
	&eve_pop3,
	&eve_dhcp,
	&eve_dht,
	&eve_ldap,
	&eve_imap,
	&eve_ntp,
	&eve_snmp,
	&eve_tftp,
	&eve_pgsql,
	&eve_rdp,
	&eve_rfb,
	&eve_ssh,
	&eve_websocket,
	&eve_dnp3,
	&eve_modbus,
	&eve_ike,
	&eve_nfs,
	&eve_enip,
	&eve_quic,
	NULL,
};

const struct eve_app *eve_app_of(enum app_proto proto)
{
	for (const struct eve_app *const *a = eve_apps; *a; a++)
		if ((*a)->proto == proto)
			return *a;
	return NULL;
}

const char *eve_setting(const struct eve_config *config, const char *type, const char *key)
{
	size_t type_len = strlen(type);
	const char *found = NULL;
	for (size_t i = 0; i < config->types.count; i++) {
		const char *k = config->types.pairs[i].key;
		if (strncmp(k, "types.", 6) == 0)
			k += 6;
		if (strncmp(k, type, type_len) == 0 && k[type_len] == '.' && strcmp(k + type_len + 1, key) == 0)
			found = config->types.pairs[i].value;
	}
	return found;
}
