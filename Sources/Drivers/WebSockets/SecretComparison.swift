/// Whether what was shown is the secret, in a time that depends on the shown text's length only, not on how much of
/// it is right.
public func isSameSecret(_ shown: String, _ secret: String) -> Bool {
  let (a, b) = (Array(shown.utf8), Array(secret.utf8))
  var difference = a.count ^ b.count
  for index in a.indices { difference |= Int(a[index] ^ (b.isEmpty ? 0 : b[index % b.count])) }
  return difference == 0
}
