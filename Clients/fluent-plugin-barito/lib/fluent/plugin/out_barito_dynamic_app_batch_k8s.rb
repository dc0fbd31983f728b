# frozen_string_literal: true

require_relative 'out_barito'

module Fluent
  module Plugin
    # The first plugin's barito_dynamic_app_batch_k8s: lines of pods, for the apps that application_name_format names.
    class BaritoDynamicAppBatchK8sOutput < BaritoOutput
      Fluent::Plugin.register_output('barito_dynamic_app_batch_k8s', self)

      config_set_default :kubernetes, true
      config_set_default :keep_fields, false
    end
  end
end
