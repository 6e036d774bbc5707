// SPDX-License-Identifier: GPL-3.0-or-later
// The list of application parsers, by hand: a protocol is added with its header and one line here. Order is the order of
// questions among protocols whose ports say nothing: the ones content tells most surely come first.
#include "decoders/app/app_layer.h"
#include "decoders/app/dcerpc/dcerpc.h"
#include "decoders/app/dnp3/dnp3.h"
#include "decoders/app/modbus/modbus.h"
#include "decoders/app/ike/ike.h"
#include "decoders/app/nfs/nfs.h"
#include "decoders/app/enip/enip.h"
#include "decoders/app/dns/dns.h"
#include "decoders/app/ftp/ftp.h"
#include "decoders/app/http/http.h"
#include "decoders/app/http2/http2.h"
#include "decoders/app/imap/imap.h"
#include "decoders/app/mqtt/mqtt.h"
#include "decoders/app/bittorrent/dht.h"
#include "decoders/app/dhcp/dhcp.h"
#include "decoders/app/ldap/ldap.h"
#include "decoders/app/quic/quic.h"
#include "decoders/app/ntp/ntp.h"
#include "decoders/app/pgsql/pgsql.h"
#include "decoders/app/radius/radius.h"
#include "decoders/app/rdp/rdp.h"
#include "decoders/app/rfb/rfb.h"
#include "decoders/app/pop3/pop3.h"
#include "decoders/app/sip/sip.h"
#include "decoders/app/ssdp/ssdp.h"
#include "decoders/app/amqp/amqp.h"
#include "decoders/app/mongodb/mongodb.h"
#include "decoders/app/redis/redis.h"
#include "decoders/app/dhcpv6/dhcpv6.h"
#include "decoders/app/bacnet/bacnet.h"
#include "decoders/app/iec104/iec104.h"
#include "decoders/app/s7comm/s7comm.h"
#include "decoders/app/socks/socks.h"
#include "decoders/app/mysql/mysql.h"
#include "decoders/app/tds/tds.h"
#include "decoders/app/sunrpc/sunrpc.h"
#include "decoders/app/syslog/syslog.h"
#include "decoders/app/krb5/krb5.h"
#include "decoders/app/smb/smb.h"
#include "decoders/app/smtp/smtp.h"
#include "decoders/app/ssh/ssh.h"
#include "decoders/app/snmp/snmp.h"
#include "decoders/app/telnet/telnet.h"
#include "decoders/app/tftp/tftp.h"
#include "decoders/app/tls/tls.h"
#include "decoders/app/websocket/websocket.h"
#include "decoders/app/xmpp/xmpp.h"

const struct app_parser *const app_parsers[] = {
	&tls_parser,
	&smb_parser,
	&dcerpc_parser,
	&dns_parser,
	&mdns_parser,
	&llmnr_parser,
	&nbns_parser,
	&ssdp_parser,
	&syslog_parser,
	&sunrpc_parser,
	&amqp_parser,
	&mongodb_parser,
	&redis_parser,
	&socks_parser,
	&mysql_parser,
	&tds_parser,
	&http_parser,
	&http2_parser,
	&sip_parser,
	&mqtt_parser,
	&dnp3_parser,
	&s7comm_parser,
	&iec104_parser,
	&bacnet_parser,
	&modbus_parser,
	&ike_parser,
	&nfs_parser,
	&enip_parser,
	&krb5_parser,
	&smtp_parser,
	&pop3_parser,
	&imap_parser,
	&ftp_parser,
	&ftp_data_parser,
	&rfb_parser,
	&rdp_parser,
	&telnet_parser,
	&radius_parser,
	&dht_parser,
	&ldap_parser,
	&snmp_parser,
	&dhcp_parser,
	&dhcpv6_parser,
	&ntp_parser,
	&tftp_parser,
	&pgsql_parser,
	&ssh_parser,
	&websocket_parser,
	&xmpp_parser,
	&quic_parser,
	NULL,
};

const struct app_parser *app_parser_of(enum app_proto proto)
{
	for (const struct app_parser *const *p = app_parsers; *p; p++)
		if ((*p)->proto == proto)
			return *p;
	return NULL;
}
