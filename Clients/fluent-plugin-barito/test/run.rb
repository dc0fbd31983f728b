# frozen_string_literal: true

# Runs all tests: ruby test/run.rb [OPTION OF test-unit]...
require_relative 'helper'
Dir[File.expand_path('*_test.rb', __dir__)].sort.each { |path| require path }
