# How Discourse reads its mail settings, rebuilt after discourse/discourse app/models/global_setting.rb and the image's
# copy-env: discourse.conf is ERB, then lines `name = value`; variables start with DISCOURSE_; digits become a number and
# true and false truth values. The first argument is the folder of the files.
require "erb"

DEFAULTS = { "smtp_port" => "25", "smtp_authentication" => "plain", "smtp_enable_start_tls" => "true" }.freeze
LINE = /\A\s*([a-z_][a-z0-9_]*)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^#]*))/

def from_conf(text = File.read(File.join(ARGV.fetch(0), "discourse.conf")))
  ERB.new(text).result.split("\n").filter_map { |line| [$1, ($2 || $3 || $4).strip] if line =~ LINE }.to_h
end

# The image: variables of the container become a discourse.conf.
def from_image(variables)
  from_conf(variables.filter_map { |name, value| "#{$1.downcase} = '#{value}'" if name =~ /\ADISCOURSE_(.*)/ }.join("\n"))
end

def settings(values)
  DEFAULTS.merge(values.reject { |_, value| value.empty? }).transform_values do |value|
    case value
    when "true", "false" then value == "true"
    when /\A-?[0-9]+\z/ then value.to_i
    else value
    end
  end
end

def smtp_settings(values)
  found = settings(values)
  force = found["smtp_force_tls"]
  result = {
    address: found["smtp_address"], port: found["smtp_port"], domain: found["smtp_domain"],
    user_name: found["smtp_user_name"], password: found["smtp_password"],
    enable_starttls_auto: !force && found["smtp_enable_start_tls"],
    open_timeout: found["smtp_open_timeout"].to_f, read_timeout: found["smtp_read_timeout"].to_f
  }
  result[:authentication] = found["smtp_authentication"] if result[:user_name] || result[:password]
  result[:openssl_verify_mode] = found["smtp_openssl_verify_mode"] if found["smtp_openssl_verify_mode"]
  result[:tls] = true if force
  result
end

def deliver(values)
  require "action_mailer"
  ActionMailer::Base.smtp_settings = smtp_settings(values)
  from = "\"The Forum\" <#{values.fetch("notification_email")}>"
  ActionMailer::Base.mail(to: "you@customer.test", from: from, subject: "Grüße", body: "body").deliver_now
  true
end
