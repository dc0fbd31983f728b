import HTML

extension SignInPage {
  func content(in context: PageContext) -> HTML {
    let name = Field(
      name: Form.userName, label: "User name", value: userName, isRequired: true, autocomplete: "username",
      attributes: userName.isEmpty ? " autofocus autocapitalize=\"none\"" : " autocapitalize=\"none\"")
    let password = Field(
      name: Form.password, label: "Password", type: "password", isRequired: true, autocomplete: "current-password",
      attributes: userName.isEmpty ? "" : " autofocus")
    let errors: FormErrors = error.map { ["": $0] } ?? [:]
    let form: HTML = """
      \(errors.summary)\(name.html)\(password.html)\
      <input type="hidden" name="\(Form.returnTo)" value="\(returnTo)">\
      <button class="button primary">Sign in</button>
      """
    return UI.form(to: MarketRoutes.signIn, csrf: context.csrf, isMultiField: true, form)
  }
}
