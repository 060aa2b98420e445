/* libwebsockets as Swift sees it.
   Why a shim: LWS_PRE, LWS_TO_KILL_ASYNC and the option enums are macros or casts that Swift does not import;
   the certificate's verdict lives in OpenSSL, and struct tcp_info of glibc stops before the byte counters. */
#ifndef CWEBSOCKETS_SHIM_H
#define CWEBSOCKETS_SHIM_H
#if !__has_include(<libwebsockets.h>)
#error "libwebsockets headers not found: apt-get install libwebsockets-dev"
#else
#include <libwebsockets.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <string.h>
#include <sys/socket.h>

#define CWS_INLINE static inline __attribute__((always_inline, unused))

/* function-like macros and casts that Swift does not import */
enum : size_t { CWS_PRE = LWS_PRE };
/* C enums that are OR-ed, as plain ints */
enum : int {
  CWS_USE_SSL = LCCSCF_USE_SSL, CWS_ALLOW_SELFSIGNED = LCCSCF_ALLOW_SELFSIGNED,
  CWS_SKIP_HOSTNAME = LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK, CWS_ALLOW_EXPIRED = LCCSCF_ALLOW_EXPIRED,
  CWS_ALLOW_INSECURE = LCCSCF_ALLOW_INSECURE, CWS_NO_REDIRECT = LCCSCF_HTTP_NO_FOLLOW_REDIRECT,
  CWS_TEXT = LWS_WRITE_TEXT, CWS_BINARY = LWS_WRITE_BINARY, CWS_PING = LWS_WRITE_PING,
  CWS_HTTP = LWS_WRITE_HTTP,
};
enum : long {
  CWS_CERT_OK = X509_V_OK,
  CWS_CERT_EXPIRED = X509_V_ERR_CERT_HAS_EXPIRED,
  CWS_CERT_NOT_YET_VALID = X509_V_ERR_CERT_NOT_YET_VALID,
  CWS_CERT_SELF_SIGNED = X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
  CWS_CERT_SELF_SIGNED_IN_CHAIN = X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
  CWS_CERT_NO_ISSUER = X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
  CWS_CERT_NO_ISSUER_FOR_LEAF = X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE,
  CWS_CERT_WRONG_HOST = X509_V_ERR_HOSTNAME_MISMATCH,
  CWS_CERT_WRONG_ADDRESS = X509_V_ERR_IP_ADDRESS_MISMATCH,
};
enum : int { CWS_TCP_ESTABLISHED = TCP_ESTABLISHED };

CWS_INLINE int cws_write(struct lws *_Nonnull wsi, uint8_t *_Nonnull p, size_t n, int flags) {
  return lws_write(wsi, p, n, (enum lws_write_protocol)flags);
}
/* Never LWS_TO_KILL_SYNC: it frees the wsi under the callback that is running on it (segfault). */
CWS_INLINE void cws_kill_async(struct lws *_Nonnull wsi) {
  lws_set_timeout(wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
}
/* abrupt disconnect: Linux sends RST at once */
CWS_INLINE int cws_abort_tcp(int fd) {
  struct sockaddr sa; memset(&sa, 0, sizeof sa); sa.sa_family = AF_UNSPEC;
  return connect(fd, &sa, sizeof sa);
}
/* Why OpenSSL refused the peer's certificate: an X509_V_… code; -1 without TLS. */
CWS_INLINE long cws_certificate_verdict(struct lws *_Nonnull wsi) {
  SSL *ssl = lws_get_ssl(wsi);
  return ssl ? SSL_get_verify_result(ssl) : -1;
}
/* The socket's TCP state, and the bytes that came in since it was connected (u64 at offset 128 of the kernel's
   struct tcp_info, an ABI since Linux 4.1). 0 on success. */
CWS_INLINE int cws_tcp_info(int fd, int *_Nonnull state, unsigned long long *_Nonnull received) {
  unsigned char info[256];
  socklen_t size = sizeof info;
  memset(info, 0, sizeof info);
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, &size) != 0) return -1;
  *state = info[0];
  memcpy(received, info + 128, 8);
  return 0;
}
/* One lws timer with its owner; lws hands back the first member. */
struct cws_timer { lws_sorted_usec_list_t sul; void *_Nullable owner; };
#endif
#endif
