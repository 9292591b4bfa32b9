# What `gitlab-ctl reconfigure` and GitLab's start do with the mail part of gitlab.rb (the first argument), rebuilt after
# gitlabhq/omnibus-gitlab 440b1f8: the file is evaluated, its values are checked, written as Ruby source with `inspect` and
# as YAML without quotes, read back from there, and ActionMailer gets what was read.
require "erb"
require "yaml"

class Recorder
  attr_reader :gitlab_rails

  def initialize
    @gitlab_rails = {}
  end
end

def evaluate(path = ARGV.fetch(0))
  settings = Recorder.new.tap { |recorder| recorder.instance_eval(File.read(path), path) }.gitlab_rails
  if settings["smtp_tls"] && settings["smtp_enable_starttls_auto"]
    raise ArgumentError, "smtp_tls and smtp_enable_starttls_auto are mutually exclusive"
  end
  settings
end

def smtp_settings(settings)
  names = %w[user_name password address port domain enable_starttls_auto tls openssl_verify_mode open_timeout read_timeout]
  source = names.filter_map { |name| "#{name}: #{settings["smtp_#{name}"].inspect}" if settings.key?("smtp_#{name}") }
  source << "authentication: #{settings["smtp_authentication"].to_sym.inspect}" if settings["smtp_authentication"]
  eval("{ #{source.join(", ")} }")
end

def gitlab_yml(settings)
  YAML.safe_load(ERB.new(<<~YML).result)
    email_from: #{settings["gitlab_email_from"]}
    email_display_name: #{settings["gitlab_email_display_name"]}
  YML
end

def start
  require "action_mailer"
  settings = evaluate
  ActionMailer::Base.smtp_settings = smtp_settings(settings)
  gitlab_yml(settings)
end

def deliver(gitlab)
  sender = Mail::Address.new(gitlab["email_from"]).tap { |address| address.display_name = gitlab["email_display_name"] }
  ActionMailer::Base.mail(to: "you@customer.test", from: sender.format, subject: "Grüße", body: "body").deliver_now
end
