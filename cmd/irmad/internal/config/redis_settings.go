package config

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
)

// redisSettings are the settings of the Redis store (spec 06 §4.5).
type redisSettings struct {
	RedisAddr                string   `option:"redis_addr"`
	RedisSentinelAddrs       []string `option:"redis_sentinel_addrs"`
	RedisSentinelMasterName  string   `option:"redis_sentinel_master_name"`
	RedisAcceptInconsistency bool     `option:"redis_accept_inconsistency_risk"`
	RedisUsername            string   `option:"redis_username"`
	RedisPw                  string   `option:"redis_pw"`
	RedisPwFile              string   `option:"redis_pw_file"`
	RedisSentinelUsername    string   `option:"redis_sentinel_username"`
	RedisSentinelPw          string   `option:"redis_sentinel_pw"`
	RedisSentinelPwFile      string   `option:"redis_sentinel_pw_file"`
	RedisAllowEmptyPassword  bool     `option:"redis_allow_empty_password"`
	RedisACLUseKeyPrefixes   bool     `option:"redis_acl_use_key_prefixes"`
	RedisDB                  int      `option:"redis_db"`
	RedisTLSCert             string   `option:"redis_tls_cert"`
	RedisTLSCertFile         string   `option:"redis_tls_cert_file"`
	RedisTLSClientCertFile   string   `option:"redis_tls_client_cert_file"`
	RedisTLSClientKeyFile    string   `option:"redis_tls_client_key_file"`
	RedisNoTLS               bool     `option:"redis_no_tls"`
}

// redisOptions are the options behind redisSettings.
var redisOptions = []option{
	{name: "redis_addr", kind: text, initial: "", usage: "`address` of Redis, host:port; of a Cluster one or more nodes, separated by commas"},
	{name: "redis_sentinel_addrs", kind: list, initial: []string{}, usage: "`addresses` of Sentinels that know where Redis is"},
	{name: "redis_sentinel_master_name", kind: text, initial: "", usage: "`name` by which the Sentinels know Redis"},
	{name: "redis_accept_inconsistency_risk", kind: toggle, initial: false, usage: "accept that a failover of Sentinel or a Cluster may lose the last changes of sessions"},
	{name: "redis_username", kind: text, initial: "", usage: "`user` of Redis"},
	{name: "redis_pw", kind: text, initial: "", secret: true, usage: "`password` of that user"},
	{name: "redis_pw_file", kind: text, initial: "", usage: "`file` with that password"},
	{name: "redis_sentinel_username", kind: text, initial: "", usage: "`user` of the Sentinels"},
	{name: "redis_sentinel_pw", kind: text, initial: "", secret: true, usage: "`password` of that user"},
	{name: "redis_sentinel_pw_file", kind: text, initial: "", usage: "`file` with that password"},
	{name: "redis_allow_empty_password", kind: toggle, initial: false, usage: "use Redis without a password"},
	{name: "redis_acl_use_key_prefixes", kind: toggle, initial: false, usage: "begin all keys and channels with redis_username and a colon"},
	{name: "redis_db", kind: number, initial: 0, usage: "`number` of the database"},
	{name: "redis_tls_cert", kind: text, initial: "", secret: true, usage: "`certificates` in PEM of who signs that of Redis (default those of the system)"},
	{name: "redis_tls_cert_file", kind: text, initial: "", usage: "`file` with these certificates"},
	{name: "redis_tls_client_cert_file", kind: text, initial: "", usage: "`file` with the certificate by which Redis knows irmad"},
	{name: "redis_tls_client_key_file", kind: text, initial: "", usage: "`file` with the private key of that certificate"},
	{name: "redis_no_tls", kind: toggle, initial: false, usage: "use Redis without TLS"},
}

// maxRedisDB is far above the 16 databases that Redis has unless told otherwise.
const maxRedisDB = 1 << 20

// checkRedis checks the settings against each other.
func (s *Settings) checkRedis() error {
	switch {
	case (s.RedisAddr == "") == (len(s.RedisSentinelAddrs) == 0):
		return errors.New("with store_type redis, either redis_addr or redis_sentinel_addrs must be given, and not both")
	case len(s.RedisSentinelAddrs) > 0 && s.RedisSentinelMasterName == "":
		return errors.New("redis_sentinel_addrs must be combined with redis_sentinel_master_name")
	case len(s.RedisSentinelAddrs) > 0 && !s.RedisAcceptInconsistency:
		return InconsistentError("Sentinel")
	case s.RedisDB < 0 || s.RedisDB > maxRedisDB:
		return fmt.Errorf("redis_db must be between 0 and %d (was %d)", maxRedisDB, s.RedisDB)
	case s.RedisACLUseKeyPrefixes && s.RedisUsername == "":
		return errors.New("redis_acl_use_key_prefixes must be combined with redis_username")
	case s.RedisACLUseKeyPrefixes && strings.ContainsAny(s.RedisUsername, "{}"):
		return errors.New("redis_acl_use_key_prefixes cannot be used with braces in redis_username")
	}
	for _, address := range append(s.RedisAddrs(), s.RedisSentinelAddrs...) {
		if _, port, err := net.SplitHostPort(address); err != nil || port == "" {
			return fmt.Errorf("redis_addr and redis_sentinel_addrs hold addresses like localhost:6379, not %q", address)
		}
	}
	if _, err := s.RedisTLS(); err != nil {
		return err
	}
	_, _, err := s.RedisPasswords()
	return err
}

// InconsistentError tells what a failover means with Sentinel or a Cluster, for who has
// not accepted that.
func InconsistentError(what string) error {
	return fmt.Errorf("with %s, Redis may lose the last changes of sessions when it fails over, so that a session falls back to an earlier state; set redis_accept_inconsistency_risk to accept that", what)
}

// redisPassword returns a password that is given as text or in a file, or "".
func redisPassword(name, text, path string) (string, error) {
	if text == "" && path == "" {
		return "", nil
	}
	password, err := readKey(text, path)
	if err != nil {
		return "", fmt.Errorf("failed to read %s: %w", name, err)
	}
	return strings.TrimRight(string(password), "\r\n"), nil
}

// RedisPasswords returns the passwords of Redis and of the Sentinels, "" for none.
func (s *Settings) RedisPasswords() (redis, sentinel string, err error) {
	if redis, err = redisPassword("redis_pw", s.RedisPw, s.RedisPwFile); err != nil {
		return "", "", err
	}
	if redis == "" && !s.RedisAllowEmptyPassword {
		return "", "", errors.New("redis_pw is empty: give the password of Redis, or set redis_allow_empty_password if it has none")
	}
	sentinel, err = redisPassword("redis_sentinel_pw", s.RedisSentinelPw, s.RedisSentinelPwFile)
	return redis, sentinel, err
}

// RedisAddrs returns the addresses in redis_addr, host:port each.
func (s *Settings) RedisAddrs() []string {
	if s.RedisAddr == "" {
		return nil
	}
	addresses := strings.Split(s.RedisAddr, ",")
	for i := range addresses {
		addresses[i] = strings.TrimSpace(addresses[i])
	}
	return addresses
}

// RedisTLS returns how to speak TLS with Redis, nil for without.
func (s *Settings) RedisTLS() (*tls.Config, error) {
	authorities := s.RedisTLSCert != "" || s.RedisTLSCertFile != ""
	client := []string{s.RedisTLSClientCertFile, s.RedisTLSClientKeyFile}
	if s.RedisNoTLS {
		if authorities || slices.ContainsFunc(client, func(path string) bool { return path != "" }) {
			return nil, errors.New("redis_no_tls cannot be combined with the other redis_tls options")
		}
		return nil, nil
	}
	out := &tls.Config{MinVersion: tls.VersionTLS12}
	if authorities {
		pem, err := readKey(s.RedisTLSCert, s.RedisTLSCertFile)
		if err != nil {
			return nil, fmt.Errorf("redis_tls_cert: %w", err)
		}
		out.RootCAs = x509.NewCertPool()
		if !out.RootCAs.AppendCertsFromPEM(pem) {
			return nil, errors.New("redis_tls_cert holds no certificate in PEM")
		}
	}
	if (client[0] == "") != (client[1] == "") {
		return nil, errors.New("redis_tls_client_cert_file and redis_tls_client_key_file: provide either certificate and key or neither of them")
	}
	if client[0] != "" {
		pair, err := Certificate{certFile: client[0], keyFile: client[1]}.read()
		if err != nil {
			return nil, fmt.Errorf("redis_tls_client_cert_file: %w", err)
		}
		out.Certificates = []tls.Certificate{*pair}
	}
	return out, nil
}
