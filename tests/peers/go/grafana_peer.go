// Reads a grafana.ini with the library Grafana reads with, and sends with the library it sends with, by the same steps.
//
//	grafana-peer read FILE...     prints [{section: {key: value}}, ...]
//	grafana-peer send FILE TO     sends one message
//
// The steps are those of grafana/grafana pkg/setting/setting.go and pkg/services/notifications/smtp.go (read 2026-11-26).
package main

import (
	"encoding/json"
	"fmt"
	"net"
	netmail "net/mail"
	"os"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/ini.v1"
	"gopkg.in/mail.v2"
)

var variable = regexp.MustCompile(`\$(|__\w+){([^}]+)}`)

type sections map[string]map[string]string

func expanded(text string, kind string, value func(string) string) string {
	for _, found := range variable.FindAllStringSubmatch(text, -1) {
		if found[1] == kind || (found[1] == "" && kind == "__env") {
			text = strings.Replace(text, found[0], value(found[2]), 1)
		}
	}
	return text
}

func content(path string) string {
	text, err := os.ReadFile(path)
	check(err)
	return strings.TrimSpace(string(text))
}

func read(path string) sections {
	file, err := ini.Load(path)
	check(err)
	for _, kind := range []string{"__env", "__file"} {
		value := os.Getenv
		if kind == "__file" {
			value = content
		}
		for _, section := range file.Sections() {
			for _, key := range section.Keys() {
				key.SetValue(expanded(key.Value(), kind, value))
			}
		}
	}
	found := sections{}
	for _, section := range file.Sections() {
		found[section.Name()] = map[string]string{}
		for _, key := range section.Keys() {
			found[section.Name()][key.Name()] = key.String()
		}
	}
	return found
}

func send(found sections, to string) error {
	smtp := found["smtp"]
	host, portText, err := net.SplitHostPort(smtp["host"])
	check(err)
	port, err := strconv.Atoi(portText)
	check(err)
	dialer := mail.NewDialer(host, port, smtp["user"], smtp["password"])
	switch smtp["startTLS_policy"] {
	case "NoStartTLS":
		dialer.StartTLSPolicy = mail.NoStartTLS
	case "MandatoryStartTLS":
		dialer.StartTLSPolicy = mail.MandatoryStartTLS
	}
	from := netmail.Address{Name: smtp["from_name"], Address: smtp["from_address"]}
	message := mail.NewMessage()
	for name, value := range found["smtp.static_headers"] {
		message.SetHeader(name, value)
	}
	message.SetHeader("From", from.String())
	message.SetHeader("To", to)
	message.SetHeader("Subject", "smoke test")
	message.SetBody("text/plain", "sent by hand")
	return dialer.DialAndSend(message)
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	if os.Args[1] == "send" {
		check(send(read(os.Args[2]), os.Args[3]))
		return
	}
	all := []sections{}
	for _, path := range os.Args[2:] {
		all = append(all, read(path))
	}
	check(json.NewEncoder(os.Stdout).Encode(all))
}
