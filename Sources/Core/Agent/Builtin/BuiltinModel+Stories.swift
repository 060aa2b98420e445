/// Stories of a minute or more: long enough to be interrupted.
extension BuiltinModel {
  mutating func stories(_ phrase: Phrase) -> String? {
    guard phrase.has("story", "stories", "fairy tale") else { return nil }
    defer { storyCount += 1 }
    return Self.stories[storyCount % Self.stories.count]
  }

  static let stories = [
    """
    Once upon a time a lighthouse stood on a small rock far out in the sea. Its keeper was an old woman called Martha. \
    Every evening she climbed two hundred steps, lit the lamp, and wrote one line about the weather into her book. \
    One night in November a storm came up that was stronger than any she had seen. The wind broke a window and the \
    lamp went out. Martha tried to light it again, but every match was wet. Far away she saw the lights of a ship, \
    and it was heading straight for the rock. So she took the big brass bell from the wall, carried it down to the \
    door, and rang it with all her strength. She rang it for one hour, and then for another. On the ship the captain \
    heard something strange between two waves. He held his breath and listened. Then he turned the wheel as far as it \
    would go, and the ship passed the rock so closely that he could see the old woman in the door. In the morning the \
    sea was calm. The captain came back in a small boat, and he brought a hundred dry matches and a cake. Martha wrote \
    into her book: strong wind, good company.
    """,
    """
    There was once a clock maker who lived in a town where nobody was ever late. All day long people came to his shop \
    and asked him to make their clocks a little more exact. He was good at his work, but he was tired of seconds. One \
    winter he built a clock for himself, and he gave it no hands at all. In their place sat a little wooden bird. The \
    bird did not sing at noon, and it did not sing at midnight. It sang when the first snow fell, when bread came out \
    of the oven across the street, and when a friend was about to knock at the door. At first the people laughed at \
    him. Then a girl asked whether she could stay for a while and wait for the bird. They drank tea, and they talked \
    about the mountains, and the bird sang when the sun came out from behind the tower. The next day she brought her \
    brother, and he brought his teacher. Soon the shop was full of people who waited for nothing in particular. And \
    one morning the mayor himself came late to a meeting. He said that he had heard a bird, and that it had been worth \
    it. From that day on the town had the best clocks in the country, and nobody looked at them very often.
    """,
    """
    A fox lived at the edge of a forest, and a railway line ran past her den. Every night at ten a long train came by, \
    and every night the fox sat on the hill and counted its windows. There were always forty two, and they were all \
    bright. One night there were only forty one. The last window was dark. The fox thought about it all the next day, \
    and in the evening she went down to the little station and hid behind a bench. When the train stopped, she jumped \
    into the last car. There, in the dark, sat a boy with a suitcase. He had turned off the lamp because he did not \
    want anybody to see that he was afraid. He was on his way to a new school in a new town. The fox sat down on the \
    seat across from him and looked at him with her yellow eyes. The boy looked back, and after a while he began to \
    smile. He shared his cheese sandwich with her, and told her about his street, and about the river behind it. At \
    the next station she jumped out and ran home through the fields. The night after that she sat on her hill again \
    and counted. There were forty two windows. And in the last one somebody was waving.
    """,
  ]
}
