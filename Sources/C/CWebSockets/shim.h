/* libwebsockets and OpenSSL as Swift sees them.
   Why a shim: LWS_PRE, LWS_TO_KILL_ASYNC and the option enums are macros or casts that Swift does not import, much of
   OpenSSL is macros, and struct tcp_info of glibc stops before the byte counters. */
#ifndef CWEBSOCKETS_SHIM_H
#define CWEBSOCKETS_SHIM_H
#if !__has_include(<libwebsockets.h>)
#error "libwebsockets headers not found: apt-get install libwebsockets-dev"
#else
#include <libwebsockets.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <sys/socket.h>

#define CWS_INLINE static inline __attribute__((always_inline, unused))

/* function-like macros and casts that Swift does not import */
enum : size_t { CWS_PRE = LWS_PRE };
/* C enums that are OR-ed, as plain ints */
enum : int {
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
/* A connected or connecting socket on lws' loop, which only says when it can be read and written (RAW_RX_FILE,
   RAW_WRITEABLE_FILE). lws closes it in the end. */
CWS_INLINE struct lws *_Nullable cws_watch(struct lws_vhost *_Nonnull vhost, int fd, const char *_Nonnull protocol) {
  lws_sock_file_fd_type descriptor;
  descriptor.sockfd = fd;
  return lws_adopt_descriptor_vhost(vhost, LWS_ADOPT_RAW_FILE_DESC, descriptor, protocol, NULL);
}

/* The descriptor of a wsi that cws_watch made. */
CWS_INLINE int cws_file_descriptor(struct lws *_Nonnull wsi) { return (int)lws_get_socket_fd(wsi); }
/* Whether a connection of the server can take bytes: its TLS, if it speaks it, is whole, and the peer has not ended it. */
CWS_INLINE int cws_can_say(struct lws *_Nonnull wsi) {
  SSL *ssl = (SSL *)lws_get_ssl(wsi);
  return !ssl || (SSL_is_init_finished(ssl) && !(SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN));
}
/* Sends the last bytes of a connection of the server past lws, and ends our side. Returns a duplicate of its socket, or
   -1: it stays open when lws closes its own. */
CWS_INLINE int cws_say_last(struct lws *_Nonnull wsi, const uint8_t *_Nonnull p, size_t n) {
  int fd = (int)lws_get_socket_fd(wsi);
  SSL *ssl = (SSL *)lws_get_ssl(wsi);
  if (fd < 0) return -1;
  if (!ssl) (void)!send(fd, p, n, MSG_NOSIGNAL | MSG_DONTWAIT);
  else if (cws_can_say(wsi)) {
    ERR_clear_error();
    (void)!SSL_write(ssl, p, (int)n);
    (void)!SSL_shutdown(ssl);
    ERR_clear_error();
  }
  shutdown(fd, SHUT_WR);
  return fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

/* TLS of a client, over a socket that does not block. */

/* What a handshake showed, for words about it. */
struct cws_tls_facts {
  /* the server asked for a certificate */
  int wants_certificate;
  /* X509_V_… of the first fault, 0 when there was none; how far up the chain; certificates that the server sent */
  long verdict; int depth; int sent;
  /* of the certificate with the fault: it says where its issuer's certificate can be had; its issuer was itself issued
     by another (1), or by itself (2), as far as it says so (0) */
  int has_issuer_url; int issuer_is_intermediate;
  char subject[200]; char issuer[200]; char not_before[40]; char not_after[40];
  /* the names of the server's certificate */
  char names[300];
};

CWS_INLINE void cws_name_text(const X509_NAME *_Nullable name, char *_Nonnull out, int size) {
  BIO *bio = BIO_new(BIO_s_mem());
  out[0] = 0;
  if (!bio) return;
  if (name) X509_NAME_print_ex(bio, name, 0, (XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) | XN_FLAG_SEP_COMMA_PLUS);
  int n = BIO_read(bio, out, size - 1);
  out[n > 0 ? n : 0] = 0;
  BIO_free(bio);
}
CWS_INLINE void cws_time_text(const ASN1_TIME *_Nullable time, char *_Nonnull out, int size) {
  BIO *bio = BIO_new(BIO_s_mem());
  out[0] = 0;
  if (!bio) return;
  if (time) ASN1_TIME_print(bio, time);
  int n = BIO_read(bio, out, size - 1);
  out[n > 0 ? n : 0] = 0;
  BIO_free(bio);
}
CWS_INLINE void cws_collect_names(X509 *_Nonnull cert, char *_Nonnull out, size_t size) {
  GENERAL_NAMES *names = (GENERAL_NAMES *)X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
  out[0] = 0;
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names); i++) {
    GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
    char text[120] = "";
    if (name->type == GEN_DNS) {
      int n = ASN1_STRING_length(name->d.dNSName);
      if (n > 119) n = 119;
      memcpy(text, ASN1_STRING_get0_data(name->d.dNSName), (size_t)n);
      text[n] = 0;
    } else if (name->type == GEN_IPADD && ASN1_STRING_length(name->d.iPAddress) == 4) {
      const unsigned char *b = ASN1_STRING_get0_data(name->d.iPAddress);
      snprintf(text, sizeof text, "%u.%u.%u.%u", b[0], b[1], b[2], b[3]);
    } else continue;
    if (strlen(out) + strlen(text) + 3 > size) break;
    if (out[0]) strcat(out, ", ");
    strcat(out, text);
  }
  if (names) GENERAL_NAMES_free(names);
}
static inline __attribute__((unused)) int cws_verified(int ok, X509_STORE_CTX *_Nullable store) {
  SSL *ssl = (SSL *)X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
  struct cws_tls_facts *facts = ssl ? (struct cws_tls_facts *)SSL_get_app_data(ssl) : NULL;
  if (ok || !facts || facts->verdict) return ok;
  X509 *cert = X509_STORE_CTX_get_current_cert(store), *leaf = X509_STORE_CTX_get0_cert(store);
  facts->verdict = X509_STORE_CTX_get_error(store);
  facts->depth = X509_STORE_CTX_get_error_depth(store);
  facts->sent = sk_X509_num(X509_STORE_CTX_get0_untrusted(store));
  if (leaf) cws_collect_names(leaf, facts->names, sizeof facts->names);
  if (!cert) return ok;
  cws_name_text(X509_get_subject_name(cert), facts->subject, sizeof facts->subject);
  cws_name_text(X509_get_issuer_name(cert), facts->issuer, sizeof facts->issuer);
  cws_time_text(X509_get0_notBefore(cert), facts->not_before, sizeof facts->not_before);
  cws_time_text(X509_get0_notAfter(cert), facts->not_after, sizeof facts->not_after);
  AUTHORITY_INFO_ACCESS *access = (AUTHORITY_INFO_ACCESS *)X509_get_ext_d2i(cert, NID_info_access, NULL, NULL);
  for (int i = 0; access && i < sk_ACCESS_DESCRIPTION_num(access); i++)
    if (OBJ_obj2nid(sk_ACCESS_DESCRIPTION_value(access, i)->method) == NID_ad_ca_issuers) facts->has_issuer_url = 1;
  if (access) AUTHORITY_INFO_ACCESS_free(access);
  const GENERAL_NAMES *above = X509_get0_authority_issuer(cert);
  for (int i = 0; above && i < sk_GENERAL_NAME_num(above); i++) {
    GENERAL_NAME *name = sk_GENERAL_NAME_value(above, i);
    if (name->type != GEN_DIRNAME) continue;
    facts->issuer_is_intermediate = X509_NAME_cmp(name->d.directoryName, X509_get_issuer_name(cert)) ? 1 : 2;
  }
  return ok;
}
static inline __attribute__((unused)) int cws_certificate_wanted(SSL *_Nullable ssl, void *_Nullable unused) {
  struct cws_tls_facts *facts = (struct cws_tls_facts *)SSL_get_app_data(ssl);
  (void)unused;
  if (facts) facts->wants_certificate = 1;
  return 1;
}
/* A key with a passphrase must not ask for it on the terminal. */
static inline __attribute__((unused)) int cws_no_passphrase(
    char *_Nullable buffer, int size, int is_writing, void *_Nullable asked) {
  (void)buffer; (void)size; (void)is_writing;
  if (asked) *(int *)asked = 1;
  return -1;
}

CWS_INLINE SSL_CTX *_Nullable cws_tls_context(void) {
  SSL_CTX *context = SSL_CTX_new(TLS_client_method());
  if (!context) return NULL;
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_default_verify_paths(context);
  SSL_CTX_set_cert_cb(context, cws_certificate_wanted, NULL);
  return context;
}
/* How a file of certificate or key failed to load. */
enum : int { CWS_FILE_OK = 0, CWS_FILE_CERTIFICATE = 1, CWS_FILE_KEY = 2, CWS_FILE_ENCRYPTED = 3, CWS_FILE_MISMATCH = 4 };
CWS_INLINE int cws_tls_identity(
    SSL_CTX *_Nonnull context, const char *_Nonnull certificate, const char *_Nonnull key) {
  int asked = 0;
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1) return CWS_FILE_CERTIFICATE;
  SSL_CTX_set_default_passwd_cb(context, cws_no_passphrase);
  SSL_CTX_set_default_passwd_cb_userdata(context, &asked);
  int loaded = SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM);
  SSL_CTX_set_default_passwd_cb_userdata(context, NULL);
  if (loaded == 1) return SSL_CTX_check_private_key(context) == 1 ? CWS_FILE_OK : CWS_FILE_MISMATCH;
  if (asked) return CWS_FILE_ENCRYPTED;
  unsigned long error = ERR_peek_last_error();
  return ERR_GET_LIB(error) == ERR_LIB_X509 && ERR_GET_REASON(error) == X509_R_KEY_VALUES_MISMATCH
    ? CWS_FILE_MISMATCH : CWS_FILE_KEY;
}
/* host: a name, or an IP address. */
CWS_INLINE SSL *_Nullable cws_tls_begin(
    SSL_CTX *_Nonnull context, int fd, const char *_Nonnull host, int is_address, int accepts_any,
    struct cws_tls_facts *_Nonnull facts) {
  static const unsigned char http11[] = "\x08http/1.1";
  SSL *ssl = SSL_new(context);
  if (!ssl) return NULL;
  SSL_set_app_data(ssl, facts);
  SSL_set_alpn_protos(ssl, http11, sizeof http11 - 1);
  if (is_address) X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host);
  else { SSL_set_tlsext_host_name(ssl, host); SSL_set1_host(ssl, host); }
  SSL_set_verify(ssl, accepts_any ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, accepts_any ? NULL : cws_verified);
  SSL_set_connect_state(ssl);
  if (SSL_set_fd(ssl, fd) != 1) { SSL_free(ssl); return NULL; }
  return ssl;
}
/* What a step of TLS came to, when it moved no bytes. */
enum : int { CWS_TLS_END = 0, CWS_TLS_WANTS_READ = -1, CWS_TLS_WANTS_WRITE = -2, CWS_TLS_FAILED = -3 };
CWS_INLINE int cws_tls_result(SSL *_Nonnull ssl, int result) {
  if (result > 0) return result;
  switch (SSL_get_error(ssl, result)) {
    case SSL_ERROR_WANT_READ: return CWS_TLS_WANTS_READ;
    case SSL_ERROR_WANT_WRITE: return CWS_TLS_WANTS_WRITE;
    case SSL_ERROR_ZERO_RETURN: return CWS_TLS_END;
    default: return CWS_TLS_FAILED;
  }
}
CWS_INLINE int cws_tls_handshake(SSL *_Nonnull ssl) { ERR_clear_error(); return cws_tls_result(ssl, SSL_do_handshake(ssl)); }
CWS_INLINE int cws_tls_read(SSL *_Nonnull ssl, void *_Nonnull p, int n) { ERR_clear_error(); return cws_tls_result(ssl, SSL_read(ssl, p, n)); }
CWS_INLINE int cws_tls_write(SSL *_Nonnull ssl, const void *_Nonnull p, int n) { ERR_clear_error(); return cws_tls_result(ssl, SSL_write(ssl, p, n)); }
/* After CWS_TLS_FAILED: the alert that the peer sent, or -1; the reason in OpenSSL's words. */
CWS_INLINE int cws_tls_alert(void) {
  unsigned long error = ERR_peek_error();
  int reason = ERR_GET_REASON(error);
  return ERR_GET_LIB(error) == ERR_LIB_SSL && reason > SSL_AD_REASON_OFFSET && reason < SSL_AD_REASON_OFFSET + 256
    ? reason - SSL_AD_REASON_OFFSET : -1;
}
CWS_INLINE const char *_Nullable cws_tls_reason(void) { return ERR_reason_error_string(ERR_peek_error()); }

/* One lws timer with its owner; lws hands back the first member. */
struct cws_timer { lws_sorted_usec_list_t sul; void *_Nullable owner; };
#endif
#endif
