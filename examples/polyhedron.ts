// A convex polyhedron is a network of two layers: a neuron per face, and an AND.
import { contains, convexHull, convexPolygon, polyhedronNetwork } from 'gradus/models'

const { corners, faces } = convexPolygon(convexHull([[1, 1], [9, 1], [11, 5], [5, 9], [2, 6], [5, 5], [6, 3]]))
const net = polyhedronNetwork(faces)
console.log(`${corners.length} corners, ${net.layers[0].biases.length} hidden neurons`)
// → 5 corners, 5 hidden neurons
for (let y = 9; y >= 1; y -= 2) console.log(Array.from({ length: 12 }, (_, x) => (contains(net, [x, y]) ? '#' : '.')).join(''))
// → .....#......
// → ...######...
// → ..##########
// → ..#########.
// → .#########..
