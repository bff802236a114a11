// The lab in the contents.
import type { Card } from '../../core/registry.ts'

export const card: Card = {
  part: 'training',
  title: { en: 'Why the sigmoid', ru: 'Зачем нужна сигмоида' },
  about: {
    en: 'Nudge one weight a little: the step stays or jumps, the sigmoid follows. Training lives on that.',
    ru: 'Чуть сдвиньте один вес: ступенька стоит или скачет, сигмоида отвечает понемногу. На этом держится обучение.',
  },
}
