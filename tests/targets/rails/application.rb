# A Rails application around one initializer. The first argument is its root, the second the environment.
require "rails"
require "active_job/railtie"
require "action_mailer/railtie"
require "logger"

ENV["RAILS_ENV"] = ARGV.fetch(1)

class Application < Rails::Application
  config.root = ARGV.fetch(0)
  config.load_defaults 6.1
  config.eager_load = false
  config.logger = Logger.new($stderr, level: Logger::FATAL)
  config.active_support.deprecation = :raise
  config.secret_key_base = "x" * 30
  config.action_mailer.delivery_method = :test if Rails.env.test?
end

Application.initialize!

class ApplicationMailer < ActionMailer::Base
  default from: "from@example.com"

  def hello
    mail(to: "you@customer.test", subject: "Grüße", body: "body")
  end

  def hello_by(route)
    mail_by route, to: "you@customer.test", subject: "Grüße", body: "body"
  end
end

def mailer(stream)
  name = "Mailer#{stream.tr("-", "_").camelize}"
  Object.const_defined?(name) ? Object.const_get(name) : Object.const_set(name, Class.new(ApplicationMailer)).tap { |it| it.mail_stream(stream) }
end
