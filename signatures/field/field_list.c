// SPDX-License-Identifier: GPL-3.0-or-later
// The joined lists of fields, by hand: a protocol's header (signatures/field/PROTO.h) declares its tables and lists them in
// PROTO_BUFFERS(X), PROTO_NUMBERS(X), PROTO_TESTS(X); each gets one line here.
#include "signatures/field/dcerpc.h"
#include "signatures/field/dhcp.h"
#include "signatures/field/dnp3.h"
#include "signatures/field/dns.h"
#include "signatures/field/enip.h"
#include "signatures/field/fact.h"
#include "signatures/field/field.h"
#include "signatures/field/file.h"
#include "signatures/field/ftp.h"
#include "signatures/field/http.h"
#include "signatures/field/http2.h"
#include "signatures/field/ike.h"
#include "signatures/field/krb5.h"
#include "signatures/field/ldap.h"
#include "signatures/field/modbus.h"
#include "signatures/field/mqtt.h"
#include "signatures/field/nfs.h"
#include "signatures/field/ntp.h"
#include "signatures/field/packet.h"
#include "signatures/field/pgsql.h"
#include "signatures/field/quic.h"
#include "signatures/field/rfb.h"
#include "signatures/field/sdp.h"
#include "signatures/field/sip.h"
#include "signatures/field/smb.h"
#include "signatures/field/smtp.h"
#include "signatures/field/snmp.h"
#include "signatures/field/ssh.h"
#include "signatures/field/template.h"
#include "signatures/field/tls.h"
#include "signatures/field/websocket.h"

#define ENTRY(table) &table,

// clang-format off
const struct field_buffer *const field_buffers[] = {
	DCERPC_BUFFERS(ENTRY)
	DNP3_BUFFERS(ENTRY)
	DNS_BUFFERS(ENTRY)
	ENIP_BUFFERS(ENTRY)
	FACT_TEXTS_ALONE(FACT_LIST_ENTRY)
	FACT_TEXTS(FACT_LIST_ENTRY)
	FILE_BUFFERS(ENTRY)
	FTP_BUFFERS(ENTRY)
	HTTP2_BUFFERS(ENTRY)
	HTTP_BUFFERS(ENTRY)
	IKE_BUFFERS(ENTRY)
	KRB5_BUFFERS(ENTRY)
	LDAP_BUFFERS(ENTRY)
	MQTT_BUFFERS(ENTRY)
	NTP_BUFFERS(ENTRY)
	PACKET_BUFFERS(ENTRY)
	PGSQL_BUFFERS(ENTRY)
	QUIC_BUFFERS(ENTRY)
	RFB_BUFFERS(ENTRY)
	SDP_BUFFERS(ENTRY)
	SIP_BUFFERS(ENTRY)
	SMB_BUFFERS(ENTRY)
	SMTP_BUFFERS(ENTRY)
	SNMP_BUFFERS(ENTRY)
	SSH_BUFFERS(ENTRY)
	TEMPLATE_BUFFERS(ENTRY)
	TLS_BUFFERS(ENTRY)
	WEBSOCKET_BUFFERS(ENTRY)
	NULL,
};

const struct field_number *const field_numbers[] = {
	DHCP_NUMBERS(ENTRY)
	DNP3_NUMBERS(ENTRY)
	DNS_NUMBERS(ENTRY)
	ENIP_NUMBERS(ENTRY)
	FACT_VALUES_ALONE(FACT_LIST_ENTRY)
	FACT_VALUES(FACT_LIST_ENTRY)
	FTP_NUMBERS(ENTRY)
	HTTP2_NUMBERS(ENTRY)
	HTTP_NUMBERS(ENTRY)
	IKE_NUMBERS(ENTRY)
	KRB5_NUMBERS(ENTRY)
	LDAP_NUMBERS(ENTRY)
	MQTT_NUMBERS(ENTRY)
	NFS_NUMBERS(ENTRY)
	NTP_NUMBERS(ENTRY)
	RFB_NUMBERS(ENTRY)
	SMB_NUMBERS(ENTRY)
	SNMP_NUMBERS(ENTRY)
	TEMPLATE_NUMBERS(ENTRY)
	TLS_NUMBERS(ENTRY)
	WEBSOCKET_NUMBERS(ENTRY)
	NULL,
};

const struct field_test *const field_tests[] = {
	DCERPC_TESTS(ENTRY)
	DNP3_TESTS(ENTRY)
	ENIP_TESTS(ENTRY)
	FILE_TESTS(ENTRY)
	FTP_TESTS(ENTRY)
	HTTP2_TESTS(ENTRY)
	IKE_TESTS(ENTRY)
	KRB5_TESTS(ENTRY)
	MODBUS_TESTS(ENTRY)
	MQTT_TESTS(ENTRY)
	SSH_TESTS(ENTRY)
	TLS_TESTS(ENTRY)
	NULL,
};
// clang-format on
